#include "io/report_slices.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace voxode::io {

namespace {

using json = nlohmann::ordered_json;

constexpr float none = std::numeric_limits<float>::quiet_NaN();
constexpr Index widest = 256;        // voxels in a slice
constexpr Index fewest = 3;          // slices across an axis
constexpr double packed_share = 0.5;  // of stresses, which pack worst, to 0.6 to 0.7; a first guess, which encode_slices mends

/// The other two axes, the lower first.
std::pair<std::size_t, std::size_t> across(int axis) { return {axis == 0 ? 1 : 0, axis == 2 ? 1 : 2}; }

std::vector<Index> spread(Index n, Index wanted) {
  wanted = std::clamp<Index>(wanted, 1, n);
  std::vector<Index> positions;
  for (Index p = 0; p < wanted; ++p) positions.push_back((2 * p + 1) * n / (2 * wanted));
  return positions;
}

SliceStack stack(const Index3& n, Index stride, int axis, Index wanted) {
  const auto [b, c] = across(axis);
  return {axis, spread(n[std::size_t(axis)], wanted), (n[b] + stride - 1) / stride, (n[c] + stride - 1) / stride};
}

struct Bounds {
  float low = 0, high = 1;
};

float quantile(std::vector<float>& values, double share) {
  const auto at = values.begin() + std::ptrdiff_t(share * double(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Range of a field's colours over all states: without the few values at corners that would take all colour from the rest.
Bounds bounds_of(Palette palette, std::size_t kind, const std::vector<SliceState>& states) {
  std::vector<float> sample;
  std::size_t total = 0;
  for (const SliceState& state : states)
    for (const auto& values : state.values[kind]) total += values.size();
  const std::size_t step = total / 200000 + 1;
  for (const SliceState& state : states)
    for (const auto& values : state.values[kind])
      for (std::size_t v = 0; v < values.size(); v += step)
        if (std::isfinite(values[v])) sample.push_back(values[v]);
  if (palette == Palette::share || sample.empty()) return {0, 1};
  Bounds b{quantile(sample, 0.002), quantile(sample, 0.998)};
  if (palette == Palette::positive) b.low = 0;
  if (palette == Palette::around_zero) {
    b.high = std::max(std::abs(b.low), std::abs(b.high));
    b.low = -b.high;
  }
  if (!(b.high > b.low)) b.high = b.low + std::max(1e-3f, std::abs(b.low) * 1e-3f);
  return b;
}

/// 0: none; 1 to 255 over the range.
std::string coded(const std::vector<float>& values, Palette palette, const Bounds& b) {
  std::string codes(values.size(), '\0');
  const float scale = 254 / (b.high - b.low);
  for (std::size_t v = 0; v < values.size(); ++v)
    if (std::isfinite(values[v])) codes[v] = palette == Palette::phases ? char(int(values[v]) + 1) : char(1 + int(std::lround(std::clamp((values[v] - b.low) * scale, 0.0f, 254.0f))));
  return codes;
}

json field_of(std::size_t kind, const std::vector<SliceState>& states, const Deflate& deflate, std::size_t& bytes) {
  const SliceKind& k = slice_kinds[kind];
  const Bounds bounds = k.palette == Palette::phases ? Bounds{} : bounds_of(k.palette, kind, states);
  static const char* const palettes[] = {"phases", "sequential", "sequential", "diverging", "sequential"};
  json field = {{"name", k.name}, {"title", k.title}, {"unit", k.unit}, {"palette", palettes[int(k.palette)]}, {"low", bounds.low}, {"high", bounds.high}, {"states", json::array()}};
  for (const SliceState& state : states) {
    if (state.values[kind].empty()) {
      field["states"].push_back(nullptr);
      continue;
    }
    json entry = {{"data", json::array()}};
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const auto& values : state.values[kind]) {
      for (const float value : values)
        if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
      entry["data"].push_back(base64(deflate(coded(values, k.palette, bounds))));
      bytes += entry["data"].back().get_ref<const std::string&>().size();
    }
    entry["lowest"] = low <= high ? json(low) : json();
    entry["highest"] = low <= high ? json(high) : json();
    field["states"].push_back(entry);
    if (k.palette == Palette::phases) break;  // the same in all states
  }
  return field;
}

/// Keeps about `share` of the slices across every axis.
void thin(SlicePlan& plan, std::vector<SliceState>& states, double share) {
  for (std::size_t s = 0; s < plan.stacks.size(); ++s) {
    SliceStack& stack = plan.stacks[s];
    const Index had = Index(stack.positions.size());
    const std::vector<Index> kept = spread(had, std::min(had - 1, Index(share * double(had))));  // at least one
    const auto of_slice = std::ptrdiff_t(stack.columns * stack.rows);
    for (SliceState& state : states)
      for (auto& field : state.values) {
        if (field.empty()) continue;
        std::vector<float> values;
        for (const Index p : kept) values.insert(values.end(), field[s].begin() + p * of_slice, field[s].begin() + (p + 1) * of_slice);
        field[s] = std::move(values);
      }
    std::vector<Index> positions;
    for (const Index p : kept) positions.push_back(stack.positions[std::size_t(p)]);
    stack.positions = std::move(positions);
  }
}

bool can_thin(const SlicePlan& plan) {
  return plan.stacks.size() == 3 && std::any_of(plan.stacks.begin(), plan.stacks.end(), [](const SliceStack& s) { return s.positions.size() > 1; });
}

}  // namespace

SlicePlan plan_slices(const Index3& n, std::size_t n_states, std::size_t budget) {
  const double bytes = 0.75 * double(budget);  // before base64
  const double dense = 3, most = double(n_slice_kinds - 1);
  SlicePlan plan;
  plan.n = n;
  if (double(n[0] * n[1] * n[2]) * (most * double(n_states) + 1) * 1.01 < bytes) {
    plan.stacks = {stack(n, 1, 2, n[2])};
    return plan;
  }
  plan.stride = (std::max({n[0], n[1], n[2]}) + widest - 1) / widest;
  double of_one = 0;  // a slice across each axis
  for (int axis = 0; axis < 3; ++axis) of_one += double(stack(n, plan.stride, axis, 1).size());
  const auto wanted = Index(bytes / packed_share / (of_one * (dense * double(n_states) + 1)));
  for (int axis = 0; axis < 3; ++axis) plan.stacks.push_back(stack(n, plan.stride, axis, std::max(fewest, wanted)));
  return plan;
}

std::vector<std::vector<float>> empty_values(const SlicePlan& plan) {
  std::vector<std::vector<float>> values;
  for (const SliceStack& s : plan.stacks) values.emplace_back(s.size(), none);
  return values;
}

void take_layers(const SlicePlan& plan, Index first, Index n_layers, const std::function<float(std::size_t)>& value, std::vector<std::vector<float>>& to) {
  for (std::size_t s = 0; s < plan.stacks.size(); ++s) {
    const SliceStack& stack = plan.stacks[s];
    const auto a = std::size_t(stack.axis);
    const auto [b, c] = across(stack.axis);
    Index3 at{};
    for (std::size_t p = 0; p < stack.positions.size(); ++p) {
      at[a] = stack.positions[p];
      for (Index row = 0; row < stack.rows; ++row) {
        at[c] = row * plan.stride;
        if (at[2] < first || at[2] >= first + n_layers) continue;
        float* line = &to[s][(p * std::size_t(stack.rows) + std::size_t(row)) * std::size_t(stack.columns)];
        for (Index column = 0; column < stack.columns; ++column) {
          at[b] = column * plan.stride;
          line[column] = value(std::size_t(((at[2] - first) * plan.n[1] + at[1]) * plan.n[0] + at[0]));
        }
      }
    }
  }
}

void raise_value(const SlicePlan& plan, const Index3& voxel, float value, std::vector<std::vector<float>>& to) {
  for (std::size_t s = 0; s < plan.stacks.size(); ++s) {
    const SliceStack& stack = plan.stacks[s];
    const auto [b, c] = across(stack.axis);
    const auto found = std::lower_bound(stack.positions.begin(), stack.positions.end(), voxel[std::size_t(stack.axis)]);
    if (found == stack.positions.end() || *found != voxel[std::size_t(stack.axis)]) continue;
    const Index slice = found - stack.positions.begin();
    float& there = to[s][std::size_t((slice * stack.rows + voxel[c] / plan.stride) * stack.columns + voxel[b] / plan.stride)];
    there = std::isfinite(there) ? std::max(there, value) : value;
  }
}

json encode_slices(SlicePlan plan, std::vector<SliceState> states, const std::vector<std::string>& phases, double voxel_size, std::size_t budget, const Deflate& deflate) {
  json root = {{"size", plan.n}, {"voxel_um", voxel_size * 1e6}, {"stride", plan.stride}, {"phases", phases}};
  root["states"] = json::array();
  for (const SliceState& state : states) root["states"].push_back(state.name);
  for (;;) {
    std::size_t bytes = 0;
    json fields = json::array();
    for (std::size_t kind = 0; kind < n_slice_kinds; ++kind)
      if (std::any_of(states.begin(), states.end(), [&](const SliceState& s) { return !s.values[kind].empty(); })) fields.push_back(field_of(kind, states, deflate, bytes));
    if (bytes <= budget || !can_thin(plan)) {
      root["fields"] = bytes <= budget ? std::move(fields) : json::array();
      break;
    }
    thin(plan, states, 0.95 * double(budget) / double(bytes));
  }
  root["stacks"] = json::array();
  for (const SliceStack& s : plan.stacks) root["stacks"].push_back({{"axis", s.axis}, {"positions", s.positions}, {"columns", s.columns}, {"rows", s.rows}});
  return root;
}

std::string base64(const std::string& bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t b = 0; b < 3; ++b) group = group << 8 | (b < left ? static_cast<unsigned char>(bytes[i + b]) : 0u);
    for (std::size_t d = 0; d < 4; ++d) text += d <= left ? digits[group >> (18 - 6 * d) & 63] : '=';
  }
  return text;
}

}  // namespace voxode::io
