#pragma once
// What report.html shows of fields_NNNN.vti and cracks_NNNN.vtp: slices, and pictures of the open faces.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "io/report_picture.hpp"

namespace voxode::io {

/// A file that a .pvd lists.
struct ListedState {
  double time = 0;  ///< half cycles since pristine
  std::filesystem::path file;
};
/// Empty if the .pvd is not there. Throws InputError.
std::vector<ListedState> read_pvd(const std::filesystem::path& path);
/// Of the states listed: pristine, the first charged and discharged, the last charged and discharged, and the last of all. Positions, ascending.
std::vector<std::size_t> chosen_states(const std::vector<ListedState>& states);

struct CrackPicture {
  std::string state, png;  ///< bytes of the file
  Index n_faces = 0;
  double area = 0, largest_opening = 0;  ///< m2, m
};

struct ReportFields {
  nlohmann::ordered_json slices;  ///< for io/report/slices.js; null: none
  std::vector<CrackPicture> cracks;
  double crack_scale = 0;  ///< opening at the end of the pictures' colours, m
  std::string missing;     ///< why there are none, a sentence; empty: there are
};

/// Throws InputError naming a file that cannot be read. `phases`: names in the order of their numbers.
ReportFields read_report_fields(const std::filesystem::path& folder, const std::vector<std::string>& phases, std::size_t budget);

}  // namespace voxode::io
