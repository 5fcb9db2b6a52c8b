#include "io/report_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include "io/report_run.hpp"
#include "io/report_slices.hpp"
#include "kernels/error.hpp"

#ifdef VOXODE_WITH_VTK
#include <vtkCallbackCommand.h>
#include <vtkCellData.h>
#include <vtkCommand.h>
#include <vtkDataArray.h>
#include <vtkDataArraySelection.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkImageData.h>
#include <vtkInformation.h>
#include <vtkLogger.h>
#include <vtkNew.h>
#include <vtkPolyData.h>
#include <vtkStreamingDemandDrivenPipeline.h>
#include <vtkStringArray.h>
#include <vtkUnsignedCharArray.h>
#include <vtkXMLImageDataReader.h>
#include <vtkXMLPolyDataReader.h>
#include <vtkZLibDataCompressor.h>
#endif

namespace voxode::io {

namespace fs = std::filesystem;

std::vector<ListedState> read_pvd(const fs::path& path) {
  std::vector<ListedState> states;
  if (!fs::exists(path)) return states;
  const std::string text = report_file_text(path);
  const std::regex entry("<DataSet timestep=\"([^\"]*)\"[^>]*file=\"([^\"]*)\"");
  for (std::sregex_iterator at(text.begin(), text.end(), entry); at != std::sregex_iterator(); ++at)
    states.push_back({std::strtod((*at)[1].str().c_str(), nullptr), path.parent_path() / (*at)[2].str()});
  return states;
}

std::vector<std::size_t> chosen_states(const std::vector<ListedState>& states) {
  std::set<std::size_t> chosen;
  const auto last_of = [&](int odd) {
    for (std::size_t s = states.size(); s-- > 0;)
      if (states[s].time == std::floor(states[s].time) && states[s].time > 0 && int(states[s].time) % 2 == odd) return s;
    return states.size();
  };
  for (std::size_t s = 0; s < states.size(); ++s)
    if (states[s].time == 0 || states[s].time == 1 || states[s].time == 2) chosen.insert(s);
  for (const std::size_t s : {last_of(0), last_of(1), states.size() - 1})
    if (s < states.size()) chosen.insert(s);
  return {chosen.begin(), chosen.end()};
}

#ifdef VOXODE_WITH_VTK

namespace {

using json = nlohmann::ordered_json;

constexpr Index layers_voxels = Index(1) << 20;  // read at once, about 30 MB
constexpr Index picture_width = 600;

std::string deflate(const std::string& bytes) {
  vtkNew<vtkZLibDataCompressor> compressor;
  compressor->SetCompressionLevel(4);
  std::string packed(compressor->GetMaximumCompressionSpace(bytes.size()), '\0');
  const std::size_t size = compressor->Compress(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(packed.data()), packed.size());
  if (size == 0) throw InternalError("zlib could not pack the report's slices");
  packed.resize(size);
  return packed;
}

[[noreturn]] void fail(const fs::path& path, const char* what) {
  throw InputError(fmt::format("{}: {}. Put the file back from a copy, or delete fields.pvd and cracks.pvd for a report without slices, or run the job again.", path.string(), what));
}

/// VTK's parsers print what they find wrong, beside telling the reader; the exception says it once.
class QuietVtk {
 public:
  QuietVtk() { vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF); }
  ~QuietVtk() { vtkLogger::SetStderrVerbosity(before_); }
  QuietVtk(const QuietVtk&) = delete;
  QuietVtk& operator=(const QuietVtk&) = delete;

 private:
  vtkLogger::Verbosity before_ = vtkLogger::GetCurrentVerbosityCutoff();
};

/// One of VTK's XML readers with its errors as exceptions.
template <class Reader>
class Source {
 public:
  explicit Source(const fs::path& path) : path_(path) {
    if (!fs::is_regular_file(path)) fail(path, "is listed in the .pvd beside it and is not there");
    observer_->SetClientData(&failed_);
    observer_->SetCallback([](vtkObject*, unsigned long, void* client, void*) { *static_cast<bool*>(client) = true; });
    for (const unsigned long event : {vtkCommand::ErrorEvent, vtkCommand::WarningEvent}) {
      reader->AddObserver(event, observer_);
      reader->GetExecutive()->AddObserver(event, observer_);
    }
    reader->SetFileName(path.c_str());
    reader->UpdateInformation();
    check();
  }
  void check() const {
    if (failed_) fail(path_, "cannot be read: it is damaged or no file of this kind");
  }
  vtkDataArray* array(vtkDataSet* data, const char* name, vtkIdType n_tuples) const {
    vtkDataArray* found = data->GetCellData()->GetArray(name);
    if (found && found->GetNumberOfTuples() != n_tuples) fail(path_, "cannot be read: it ends too early");
    return found;
  }
  vtkNew<Reader> reader;

 private:
  fs::path path_;
  bool failed_ = false;
  vtkNew<vtkCallbackCommand> observer_;
};

std::string state_name(vtkDataSet* data, double time) {
  auto* text = vtkStringArray::SafeDownCast(data->GetFieldData()->GetAbstractArray("state"));
  std::string name = text && text->GetNumberOfValues() > 0 ? std::string(text->GetValue(0)) : fmt::format("half cycle {:g}", time);
  if (const std::size_t end = name.find("charged step "); end != std::string::npos) name.erase(end + 7);  // the end of a half cycle needs no number
  return name;
}

struct Grid {
  Index3 n{};
  double spacing = 1;
};

Grid grid_of(const fs::path& path) {
  const Source<vtkXMLImageDataReader> source(path);
  int extent[6];
  double spacing[3];
  vtkInformation* information = source.reader->GetOutputInformation(0);
  information->Get(vtkStreamingDemandDrivenPipeline::WHOLE_EXTENT(), extent);
  information->Get(vtkDataObject::SPACING(), spacing);
  return {{extent[1] - extent[0], extent[3] - extent[2], extent[5] - extent[4]}, spacing[0]};
}

/// Reads one state in layers, of its arrays only those that the viewer shows.
void read_state(const ListedState& listed, const Grid& grid, const SlicePlan& plan, bool with_phase, SliceState& state) {
  struct Wanted {
    std::size_t kind;
    const char* array;
    int component;
    double factor;
  };
  static constexpr Wanted wanted[] = {{0, "phase", 0, 1}, {1, "von_mises_MPa", 0, 1}, {2, "mean_stress_MPa", 0, 1}, {6, "lithium", 0, 1}, {7, "displacement_m", 2, 1e9}};
  Source<vtkXMLImageDataReader> source(listed.file);
  const Grid own = grid_of(listed.file);
  if (own.n != grid.n) fail(listed.file, "has other voxels than the states before it: it belongs to another run");
  auto* arrays = source.reader->GetCellDataArraySelection();
  arrays->DisableAllArrays();
  for (const Wanted& w : wanted)
    if (w.kind > 0 || with_phase) arrays->EnableArray(w.array);
  const Index thickness = std::max<Index>(1, layers_voxels / (grid.n[0] * grid.n[1]));
  for (Index first = 0; first < grid.n[2]; first += thickness) {
    const Index n_layers = std::min(thickness, grid.n[2] - first);
    const int extent[6] = {0, int(grid.n[0]), 0, int(grid.n[1]), int(first), int(first + n_layers)};
    source.reader->vtkAlgorithm::UpdateExtent(extent);
    source.check();
    vtkImageData* image = source.reader->GetOutput();
    if (first == 0) state.name = state_name(image, listed.time);
    for (const Wanted& w : wanted) {
      if (w.kind == 0 && !with_phase) continue;
      vtkDataArray* array = source.array(image, w.array, grid.n[0] * grid.n[1] * n_layers);
      if (!array) continue;
      if (state.values[w.kind].empty()) state.values[w.kind] = empty_values(plan);
      const int n_components = array->GetNumberOfComponents();
      if (const auto* floats = vtkFloatArray::SafeDownCast(array)) {
        const float* values = const_cast<vtkFloatArray*>(floats)->GetPointer(0);
        take_layers(plan, first, n_layers, [=](std::size_t v) { return float(w.factor * double(values[v * std::size_t(n_components) + std::size_t(w.component)])); }, state.values[w.kind]);
      } else if (auto* bytes = vtkUnsignedCharArray::SafeDownCast(array)) {
        const unsigned char* values = bytes->GetPointer(0);
        take_layers(plan, first, n_layers, [=](std::size_t v) { return values[v] == 255 ? std::numeric_limits<float>::quiet_NaN() : float(values[v]); }, state.values[w.kind]);
      } else {
        fail(listed.file, "has values of another type than voxode writes");
      }
    }
  }
}

struct OpenFaces {
  std::string state;
  std::vector<DrawnTriangle> triangles;  ///< values: openings, m
};

/// The open faces of a state, two triangles each, also painted onto the voxels at both sides of them.
OpenFaces read_cracks(const ListedState& listed, const Grid& grid, const SlicePlan& plan, SliceState& state) {
  Source<vtkXMLPolyDataReader> source(listed.file);
  source.reader->Update();
  source.check();
  vtkPolyData* surface = source.reader->GetOutput();
  OpenFaces open{state_name(surface, listed.time), {}};
  const vtkIdType n = surface->GetNumberOfCells();
  struct Painted {
    std::size_t kind;
    vtkDataArray* array;
    double factor;
  };
  const Painted painted[] = {{3, source.array(surface, "damage", n), 1}, {4, source.array(surface, "separation", n), 1}, {5, source.array(surface, "opening_m", n), 1e9}};
  vtkDataArray* const normals = source.array(surface, "normal", n);
  for (const Painted& p : painted) {
    if (!p.array || !normals || normals->GetNumberOfComponents() != 3) fail(listed.file, "lacks damage, separation, opening_m or normal");
    state.values[p.kind] = empty_values(plan);
  }
  if (n % 2 != 0) fail(listed.file, "has a triangle without its other half: it was written by another version of voxode");
  for (vtkIdType cell = 0; cell < n; ++cell) {
    vtkIdType n_points = 0;
    const vtkIdType* point = nullptr;
    surface->GetCellPoints(cell, n_points, point);
    if (n_points != 3) fail(listed.file, "has faces that are no triangles: it was written by another version of voxode");
    DrawnTriangle& triangle = open.triangles.emplace_back();
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t d = 0; d < 3; ++d) triangle.corner[c][d] = float(surface->GetPoint(point[c])[d] / grid.spacing);
    triangle.value = float(painted[2].array->GetComponent(cell, 0));
    if (cell % 2 == 0) continue;
    const DrawnTriangle& other = open.triangles[open.triangles.size() - 2];
    for (const double side : {-0.5, 0.5}) {
      Index3 voxel{};
      for (std::size_t d = 0; d < 3; ++d) {
        double middle = 0;  // of the face
        for (const DrawnTriangle* half : std::initializer_list<const DrawnTriangle*>{&other, &triangle})
          for (const auto& corner : half->corner) middle += double(corner[d]) / 6;
        if (middle < -1 || middle > double(grid.n[d]) + 1) fail(listed.file, "has faces outside of the fields' box: it belongs to another run");
        voxel[d] = (Index(std::floor(middle + side * normals->GetComponent(cell, int(d)))) + grid.n[d]) % grid.n[d];  // the box may be periodic
      }
      for (const Painted& p : painted) raise_value(plan, voxel, float(p.factor * std::max(0.0, p.array->GetComponent(cell, 0))), state.values[p.kind]);
    }
  }
  return open;
}

double area_of(const DrawnTriangle& triangle) {
  double side[2][3];
  for (std::size_t e = 0; e < 2; ++e)
    for (std::size_t d = 0; d < 3; ++d) side[e][d] = double(triangle.corner[e + 1][d]) - double(triangle.corner[0][d]);
  return 0.5 * std::hypot(side[0][1] * side[1][2] - side[0][2] * side[1][1], side[0][2] * side[1][0] - side[0][0] * side[1][2], side[0][0] * side[1][1] - side[0][1] * side[1][0]);
}

void draw_cracks(std::vector<OpenFaces> states, const Grid& grid, ReportFields& to) {
  std::vector<float> all;
  for (const OpenFaces& s : states)
    for (const DrawnTriangle& triangle : s.triangles) all.push_back(triangle.value);
  if (all.empty()) return;
  const auto at = all.begin() + std::ptrdiff_t(0.98 * double(all.size() - 1));
  std::nth_element(all.begin(), at, all.end());
  to.crack_scale = std::max(double(*at), 1e-12);
  for (OpenFaces& s : states) {
    if (s.triangles.empty()) continue;
    CrackPicture& picture = to.cracks.emplace_back();
    picture.state = s.state;
    picture.n_faces = Index(s.triangles.size()) / 2;
    for (DrawnTriangle& triangle : s.triangles) {
      picture.area += area_of(triangle) * grid.spacing * grid.spacing;
      picture.largest_opening = std::max(picture.largest_opening, double(triangle.value));
      triangle.value = float(triangle.value / to.crack_scale);
    }
    picture.png = png_bytes(draw_triangles(grid.n, s.triangles, picture_width), deflate);
  }
}

}  // namespace

ReportFields read_report_fields(const fs::path& folder, const std::vector<std::string>& phases, std::size_t budget) {
  const QuietVtk quiet;
  ReportFields result;
  const std::vector<ListedState> fields = read_pvd(folder / "fields.pvd"), cracks = read_pvd(folder / "cracks.pvd");
  const std::vector<std::size_t> chosen = chosen_states(fields);
  if (chosen.empty()) {
    result.missing = "The run wrote no fields: with output.fields = \"half-cycle\" this page shows slices and open faces.";
    return result;
  }
  const Grid grid = grid_of(fields[chosen.front()].file);
  const SlicePlan plan = plan_slices(grid.n, chosen.size(), budget);
  std::vector<SliceState> states(chosen.size());
  std::vector<OpenFaces> open;
  for (std::size_t s = 0; s < chosen.size(); ++s) {
    const ListedState& listed = fields[chosen[s]];
    read_state(listed, grid, plan, s == 0, states[s]);
    for (const ListedState& crack : cracks)
      if (crack.time == listed.time) {
        open.push_back(read_cracks(crack, grid, plan, states[s]));
        break;
      }
  }
  result.slices = encode_slices(plan, std::move(states), phases, grid.spacing, budget, deflate);
  draw_cracks(std::move(open), grid, result);
  return result;
}

#else

ReportFields read_report_fields(const fs::path& folder, const std::vector<std::string>&, std::size_t) {
  ReportFields result;
  result.missing = fs::exists(folder / "fields.pvd") ? "There are fields, but this voxode is built without VTK and cannot read them: one that is built with VTK (-DVOXODE_WITH_VTK=ON) adds slices and open faces."
                                                     : "The run wrote no fields, which needs a voxode that is built with VTK: with output.fields = \"half-cycle\" this page shows slices and open faces.";
  return result;
}

#endif

}  // namespace voxode::io
