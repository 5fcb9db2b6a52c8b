// Slices and pictures of report.html: the budget, the bytes, and fields and cracks that voxode's own writers wrote.
#include "io/report_fields.hpp"

#include <gmock/gmock.h>
#include <vtkZLibDataCompressor.h>
#include <vtkNew.h>

#include <cmath>
#include <limits>
#include <random>

#include "io/cracks.hpp"
#include "io/fields.hpp"
#include "io/report_picture.hpp"
#include "io/report_slices.hpp"
#include "io/scratch_folder.hpp"
#include "kernels/error.hpp"

namespace voxode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const auto as_it_is = [](const std::string& bytes) { return bytes; };

std::string decoded(const std::string& text) {
  std::string bytes;
  unsigned group = 0;
  int n_bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    const unsigned value = c >= 'a' ? unsigned(c - 'a') + 26 : c >= 'A' ? unsigned(c - 'A') : c == '+' ? 62u : c == '/' ? 63u : unsigned(c - '0') + 52;
    group = group << 6 | value;
    n_bits += 6;
    if (n_bits < 8) continue;
    n_bits -= 8;
    bytes += char(group >> n_bits & 255);
  }
  return bytes;
}

std::size_t base64_bytes(const nlohmann::ordered_json& slices) {
  std::size_t bytes = 0;
  for (const auto& field : slices["fields"])
    for (const auto& state : field["states"])
      if (state.is_object())
        for (const auto& data : state["data"]) bytes += data.get<std::string>().size();
  return bytes;
}

TEST(ReportSlices, Base64_OfRfc4648) {
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfd", "//79"}}) {
    EXPECT_EQ(io::base64(bytes), text);
    EXPECT_EQ(decoded(text), bytes);
  }
}

TEST(ReportSlices, SmallBox_KeepsAllVoxelsInOneStack) {
  const io::SlicePlan plan = io::plan_slices({3, 4, 5}, 2, 1000000);
  ASSERT_EQ(plan.stacks.size(), 1u);
  EXPECT_EQ(plan.stacks[0].axis, 2);
  EXPECT_THAT(plan.stacks[0].positions, ElementsAre(0, 1, 2, 3, 4));
  std::vector<std::vector<float>> values = io::empty_values(plan);
  ASSERT_EQ(values[0].size(), 60u);
  for (Index first : {0, 2, 4}) io::take_layers(plan, first, first == 4 ? 1 : 2, [&](std::size_t v) { return float(v) + 12.0f * float(first); }, values);
  for (std::size_t v = 0; v < 60; ++v) EXPECT_EQ(values[0][v], float(v));
}

/// Values that name their voxel, so that a slice shows whether each pixel is the right one.
TEST(ReportSlices, LargeBox_SlicesHoldTheRightVoxels) {
  const Index3 n{520, 6, 10};
  const io::SlicePlan plan = io::plan_slices(n, 2, 60000);
  EXPECT_EQ(plan.stride, 3);
  ASSERT_EQ(plan.stacks.size(), 3u);
  std::vector<std::vector<float>> values = io::empty_values(plan);
  for (Index first = 0; first < n[2]; ++first) io::take_layers(plan, first, 1, [&](std::size_t v) { return float(v) + float(first * n[0] * n[1]); }, values);
  for (std::size_t s = 0; s < 3; ++s) {
    const io::SliceStack& stack = plan.stacks[s];
    EXPECT_EQ(stack.axis, int(s));
    for (std::size_t p = 0; p < stack.positions.size(); ++p)
      for (Index row = 0; row < stack.rows; ++row)
        for (Index column = 0; column < stack.columns; ++column) {
          Index3 at{};
          at[s] = stack.positions[p];
          at[s == 0 ? 1 : 0] = 3 * column;
          at[s == 2 ? 1 : 2] = 3 * row;
          ASSERT_EQ(values[s][(p * std::size_t(stack.rows) + std::size_t(row)) * std::size_t(stack.columns) + std::size_t(column)], float((at[2] * n[1] + at[1]) * n[0] + at[0]));
        }
  }
  std::vector<std::vector<float>> raised = io::empty_values(plan);
  const Index z = plan.stacks[2].positions[0];
  io::raise_value(plan, {7, 4, z}, 0.5f, raised);
  io::raise_value(plan, {8, 5, z}, 0.25f, raised);
  EXPECT_EQ(raised[2][std::size_t(1 * plan.stacks[2].columns + 2)], 0.5f);
}

/// 10 cycles of 128^3 voxels whose stresses are noise, which nothing packs: the worst case.
TEST(ReportSlices, NoiseOf128Cubed_KeepsTheBudget) {
  constexpr std::size_t budget = 8000000, n_states = 5;
  io::SlicePlan plan = io::plan_slices({128, 128, 128}, n_states, budget);
  std::mt19937 random(1);
  std::normal_distribution<float> stress(0.0f, 50.0f);
  std::vector<io::SliceState> states(n_states);
  for (std::size_t s = 0; s < n_states; ++s) {
    states[s].name = "state " + std::to_string(s);
    for (std::size_t kind = s == 0 ? 0 : 1; kind < io::n_slice_kinds; ++kind) {
      states[s].values[kind] = io::empty_values(plan);
      for (auto& stack : states[s].values[kind])
        for (float& value : stack) value = kind == 0 ? float(random() % 3) : stress(random);
    }
  }
  const auto zlib = [](const std::string& bytes) {
    vtkNew<vtkZLibDataCompressor> compressor;
    compressor->SetCompressionLevel(1);
    std::string packed(compressor->GetMaximumCompressionSpace(bytes.size()), '\0');
    packed.resize(compressor->Compress(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(packed.data()), packed.size()));
    return packed;
  };
  const auto slices = io::encode_slices(plan, states, {"electrolyte", "active", "binder"}, 1e-6, budget, zlib);
  EXPECT_LE(base64_bytes(slices), budget);
  EXPECT_GT(base64_bytes(slices), budget / 2) << "the budget is there to be used";
  ASSERT_EQ(slices["stacks"].size(), 3u);
  for (const auto& stack : slices["stacks"]) EXPECT_GE(stack["positions"].size(), 3u);
  EXPECT_EQ(slices["fields"].size(), io::n_slice_kinds);
  EXPECT_LE(slices.dump().size(), budget + 20000);
}

TEST(ReportSlices, Codes_SpanTheRangeAndZeroIsNone) {
  const io::SlicePlan plan = io::plan_slices({2, 1, 2}, 1, 1000);
  io::SliceState state;
  state.name = "pristine";
  const float none = std::numeric_limits<float>::quiet_NaN();
  state.values[0] = {{0, none, 2, 1}};
  state.values[2] = {{-10, none, 5, 10}};
  state.values[6] = {{0.5f, none, 0.5f, 0.5f}};
  const auto slices = io::encode_slices(plan, {state}, {"a", "b", "c"}, 2e-6, 1000, as_it_is);
  ASSERT_EQ(slices["fields"].size(), 3u);
  EXPECT_EQ(decoded(slices["fields"][0]["states"][0]["data"][0]), std::string("\1\0\3\2", 4));
  const auto& stress = slices["fields"][1];
  EXPECT_EQ(stress["palette"], "diverging");
  EXPECT_FLOAT_EQ(stress["low"], -float(stress["high"]));
  const std::string codes = decoded(stress["states"][0]["data"][0]);
  EXPECT_EQ(int(static_cast<unsigned char>(codes[0])), 1);
  EXPECT_EQ(codes[1], '\0');
  EXPECT_EQ(stress["states"][0]["lowest"], -10.0);
  EXPECT_NE(decoded(slices["fields"][2]["states"][0]["data"][0])[0], '\0') << "a field with one value has a colour";
  EXPECT_EQ(slices["voxel_um"], 2.0);
}

TEST(ReportStates, Chosen_AreFirstAndLastHalfCyclesAndTheEnd) {
  std::vector<io::ListedState> states;
  for (int half = 0; half <= 20; ++half) states.push_back({double(half), "f"});
  EXPECT_THAT(io::chosen_states(states), ElementsAre(0, 1, 2, 19, 20));
  states.push_back({21, "last converged"});
  EXPECT_THAT(io::chosen_states(states), ElementsAre(0, 1, 2, 20, 21));
  EXPECT_TRUE(io::chosen_states({}).empty());
  EXPECT_THAT(io::chosen_states({{0, "f"}, {0.5, "f"}, {0.75, "f"}}), ElementsAre(0, 2));
}

/// Two voxels that part: a phase each, and one open face between them.
struct Written {
  explicit Written(const std::string& path) {
    grid.n = {2, 2, 2};
    grid.spacing = 0.5e-6;
    grid.phase = {0, 1, 0, 1, 0, 1, 0, mesh::pore};
    bodies.of_voxel = {0, 1, 0, 1, 0, 1, 0, -1};
    bodies.table.resize(2);
    faces.cell = {0};
    faces.axis = {0};
    faces.normal = {1, 0, 0};
    faces.area_share = {1};
    faces.entry = {0};
    fields.emplace(path, grid, bodies);
    cracks.emplace(path, grid, bodies, faces, std::vector<double>{1e-9});
  }
  void write(const std::string& name, double time, float opening) {
    physics::FieldSnapshot f;
    f.name = name;
    f.time = time;
    for (int v = 0; v < 8; ++v) {
      f.lithium.push_back(v % 2 == 1 && v != 7 ? 0.5f : std::numeric_limits<float>::quiet_NaN());
      for (int c = 0; c < 6; ++c) f.stress.push_back(v == 7 ? std::numeric_limits<float>::quiet_NaN() : 1e6f * float(v) * (c < 3 ? 1.0f : 0.0f));
      for (int c = 0; c < 3; ++c) f.displacement.push_back(1e-9f * float(v));
    }
    physics::CrackSnapshot c;
    c.face = {0};
    c.opening = c.opened_part = {opening};
    c.sliding = c.traction = {0};
    c.damage = {0.75f};
    c.separation = {0.5f};
    fields->write(f);
    cracks->write(c, name, time);
  }
  mesh::VoxelGrid grid;
  mesh::Bodies bodies;
  mesh::Faces faces;
  std::optional<io::FieldWriter> fields;
  std::optional<io::CrackWriter> cracks;
};

TEST(ReportFields, WrittenStates_ComeBackAsSlicesAndPictures) {
  const test::ScratchFolder folder;
  Written run(folder.path());
  run.write("pristine", 0, 0);
  run.write("cycle 1 charged step 5", 1, 20e-9f);
  const io::ReportFields result = io::read_report_fields(folder.path(), {"electrolyte", "active"}, 100000);
  EXPECT_EQ(result.missing, "");
  EXPECT_EQ(result.slices["states"].dump(), R"(["pristine","cycle 1 charged"])");
  EXPECT_EQ(result.slices["size"].dump(), "[2,2,2]");
  std::vector<std::string> names;
  for (const auto& field : result.slices["fields"]) names.push_back(field["name"]);
  EXPECT_THAT(names, ElementsAre("phase", "von_mises", "mean_stress", "damage", "separation", "opening", "lithium", "displacement"));
  const auto& mean = result.slices["fields"][2]["states"][0];
  EXPECT_FLOAT_EQ(mean["lowest"], 0);
  EXPECT_FLOAT_EQ(mean["highest"], 6);
  EXPECT_TRUE(result.slices["fields"][3]["states"][0]["lowest"].is_null()) << "closed in the first state";
  EXPECT_FLOAT_EQ(result.slices["fields"][3]["states"][1]["highest"], 0.75);
  EXPECT_FLOAT_EQ(result.slices["fields"][4]["states"][1]["highest"], 0.5);
  EXPECT_FLOAT_EQ(result.slices["fields"][5]["states"][1]["highest"], 20);
  ASSERT_EQ(result.cracks.size(), 1u);
  EXPECT_EQ(result.cracks[0].state, "cycle 1 charged");
  EXPECT_EQ(result.cracks[0].n_faces, 1);
  EXPECT_NEAR(result.cracks[0].area, 0.25e-12, 1e-18);
  EXPECT_NEAR(result.cracks[0].largest_opening, 20e-9, 1e-14);
  EXPECT_EQ(result.cracks[0].png.substr(0, 8), "\x89PNG\r\n\x1a\n");
}

TEST(ReportFields, FilesThatAreCutOff_AreInputErrors) {
  const test::ScratchFolder folder;
  Written run(folder.path());
  run.write("pristine", 0, 20e-9f);
  for (const char* name : {"fields_0000.vti", "cracks_0000.vtp"}) {
    const std::string whole = test::text_of(folder / name);
    for (const double share : {0.2, 0.9}) {
      std::ofstream(folder / name, std::ios::binary) << whole.substr(0, std::size_t(share * double(whole.size())));
      try {
        io::read_report_fields(folder.path(), {}, 100000);
        ADD_FAILURE() << name << " cut off at " << share << " was read";
      } catch (const InputError& error) {
        EXPECT_THAT(error.what(), HasSubstr(name));
      }
    }
    std::ofstream(folder / name, std::ios::binary) << whole;
  }
  EXPECT_NO_THROW(io::read_report_fields(folder.path(), {}, 100000));
}

/// Faces across z of voxels at (x, x), each of a height and a value.
std::vector<io::DrawnTriangle> squares(float x, const std::vector<std::array<float, 2>>& faces) {
  std::vector<io::DrawnTriangle> list;
  for (const auto& [z, value] : faces) {
    list.push_back({{{{x, x, z}, {x + 1, x, z}, {x + 1, x + 1, z}}}, value});
    list.push_back({{{{x, x, z}, {x + 1, x + 1, z}, {x, x + 1, z}}}, value});
  }
  return list;
}

TEST(ReportPicture, NearerFaceHidesTheFartherOne) {
  // Two faces across z, one above the other; the upper one is nearer to the eye above the corner.
  const io::Picture both = io::draw_triangles({4, 4, 4}, squares(1, {{1, 0}, {4, 1}, {4, 1}}), 200);
  const auto counts = [](const io::Picture& picture, const std::array<std::uint8_t, 3>& colour) {
    int n = 0;
    for (std::size_t p = 0; p < picture.rgba.size(); p += 4) n += picture.rgba[p] == colour[0] && picture.rgba[p + 1] == colour[1] && picture.rgba[p + 2] == colour[2] && picture.rgba[p + 3] == 255;
    return n;
  };
  EXPECT_GT(counts(both, io::sequential_colour(1)), 300);
  EXPECT_GT(counts(both, io::sequential_colour(0)), 300);
  const io::Picture hidden = io::draw_triangles({1, 1, 1}, squares(0, {{1, 1}, {1, 0}}), 100);
  EXPECT_EQ(counts(hidden, io::sequential_colour(0)), 0) << "what lies at the same depth does not come over what is there";
  const io::Picture empty = io::draw_triangles({2, 3, 4}, {}, 100);
  EXPECT_EQ(empty.rgba.size(), std::size_t(4 * empty.width * empty.height));
  EXPECT_EQ(empty.rgba[3], 0) << "the ground is transparent";
}

}  // namespace
}  // namespace voxode
