#include "io/tables.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "io/result_file.hpp"
#include "kernels/error.hpp"

namespace voxode::io {

namespace {

constexpr double per_um = 1e6, per_MPa = 1e-6;

TableField integer(const char* name, double value) { return {name, "", value, true, {}}; }
TableField number(const char* name, const char* unit, std::optional<double> value) { return {name, unit, value, false, {}}; }

std::string join(const std::vector<std::string>& parts) {
  return fmt::format("{}\n", fmt::join(parts, ","));
}

std::vector<std::string> names(const std::vector<TableField>& fields) {
  std::vector<std::string> result;
  for (const TableField& field : fields) result.emplace_back(field.name);
  return result;
}

std::vector<std::string> columns_of(bool with_conduction) {
  std::vector<std::string> columns = names(head_fields({}));
  if (with_conduction)
    for (const std::string& name : names(conduction_fields({}))) columns.push_back(name);
  return columns;
}

[[noreturn]] void fail_to_resume(const std::string& path, const std::string& why) {
  throw InputError(fmt::format("cannot go on with the table {}: {}. Run without --resume, or put back the table that belongs to the checkpoint.", path, why));
}

/// Bytes up to the end of row `n_rows` (0: of the header).
long long size_of_rows(const std::string& path, const std::string& header, Index n_rows) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail_to_resume(path, "it is missing or not readable");
  long long size = 0;
  std::string line;
  for (Index row = 0; row <= n_rows; ++row) {
    if (!std::getline(file, line) || file.eof()) fail_to_resume(path, fmt::format("the checkpoint counts {} rows and the file holds {} whole ones", n_rows, row > 0 ? row - 1 : 0));
    if (row == 0 && line + "\n" != header) fail_to_resume(path, "its header is not the one that this version and config write");
    size += static_cast<long long>(line.size()) + 1;
  }
  return size;
}

}  // namespace

std::vector<TableField> head_fields(const physics::StepRow& row) {
  const Voigt& s = row.mean_stress;
  return {integer("cycle", row.cycle),
          {"state", "", {}, false, row.state},
          integer("step", row.step),
          number("lithium_content", "", row.lithium_content),
          number("stack_pressure_MPa", "MPa", row.stack_pressure * per_MPa),
          number("thickness_um", "um", row.thickness * per_um),
          number("void_fraction", "", row.void_fraction),
          number("opened_volume_fraction", "", row.opened_volume_fraction),
          number("gap_volume_fraction", "", row.gap_volume_fraction),
          number("open_area_fraction", "", row.open_area_fraction),
          number("broken_area_fraction", "", row.broken_area_fraction),
          number("contact_area_fraction", "", row.contact_area_fraction),
          number("mean_separation", "", row.mean_separation),
          number("mean_damage", "", row.mean_damage),
          number("mean_stress_xx_MPa", "MPa", s[0] * per_MPa),
          number("mean_stress_yy_MPa", "MPa", s[1] * per_MPa),
          number("mean_stress_zz_MPa", "MPa", s[2] * per_MPa),
          number("mean_stress_yz_MPa", "MPa", s[3] * per_MPa),
          number("mean_stress_xz_MPa", "MPa", s[4] * per_MPa),
          number("mean_stress_xy_MPa", "MPa", s[5] * per_MPa),
          number("elastic_energy_J", "J", row.elastic_energy),
          number("dissipated_energy_J", "J", row.dissipated_energy)};
}

std::vector<TableField> conduction_fields(const std::optional<physics::ConductionRow>& row) {
  const physics::ConductionRow c = row.value_or(physics::ConductionRow{});
  return {number("ionic_conductivity_S_per_m", "S/m", c.ionic.conductivity),
          number("electronic_conductivity_S_per_m", "S/m", c.electronic.conductivity),
          number("ionic_tortuosity_factor", "", c.ionic.tortuosity_factor),
          number("electronic_tortuosity_factor", "", c.electronic.tortuosity_factor),
          number("active_surface_per_volume_per_m", "1/m", c.active_surface_per_volume),
          number("isolated_active_fraction", "", c.isolated_active_fraction)};
}

Table::Table(const std::string& path, const std::vector<std::string>& columns) : path_(path), columns_(columns) {
  make_folder(std::filesystem::path(path).parent_path().string());
  handle_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (handle_ < 0) fail_to_write("the table", path, errno);
  try {
    write_line(join(columns));
  } catch (...) {
    close(handle_);
    throw;
  }
}

Table::Table(const std::string& path, const std::vector<std::string>& columns, Index n_rows) : path_(path), columns_(columns), n_rows_(n_rows) {
  size_ = size_of_rows(path, join(columns), n_rows);
  handle_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (handle_ < 0) fail_to_write("the table", path, errno);
  if (ftruncate(handle_, size_) != 0) {
    const int reason = errno;
    close(handle_);
    fail_to_write("the table", path, reason);
  }
}

Table::~Table() {
  if (handle_ >= 0) close(handle_);
}

void Table::write_line(const std::string& line) {
  int reason = 0;
  std::size_t done = 0;
  while (done < line.size() && reason == 0) {  // more than once only where the disk or a limit ended a row early: the next try says why
    const ssize_t n = pwrite(handle_, line.data() + done, line.size() - done, size_ + static_cast<long long>(done));
    if (n > 0) done += std::size_t(n);
    else if (n == 0) reason = ENOSPC;
    else if (errno != EINTR) reason = errno;
  }
  if (reason == 0 && fsync(handle_) != 0 && errno != EINVAL && errno != ENOTSUP) reason = errno;
  if (reason == 0) {
    size_ += static_cast<long long>(line.size());
    return;
  }
  const bool cut = ftruncate(handle_, size_) == 0;
  const std::string kept = size_ == 0 ? "It holds no rows yet."
                           : cut      ? fmt::format("Its {} finished rows stay valid.", n_rows_)
                                      : fmt::format("Its first {} rows stay valid; what follows them is the beginning of a row that did not fit.", n_rows_);
  try {
    fail_to_write("a row of the table", path_, reason);
  } catch (const OutputError& error) {
    throw OutputError(fmt::format("{} {}", error.what(), kept));
  }
}

void Table::append(const std::vector<TableField>& fields) {
  if (fields.size() != columns_.size()) throw InternalError(fmt::format("{} fields for the {} columns of {}", fields.size(), columns_.size(), path_));
  std::vector<std::string> parts;
  for (const TableField& field : fields) {
    if (!field.value) {
      parts.push_back(field.text);
      continue;
    }
    const double value = *field.value + 0.0;  // no -0
    if (!std::isfinite(value)) throw InternalError(fmt::format("{} is {} in row {} of {}: the state of this step is not a solution", field.name, value, n_rows_ + 1, path_));
    parts.push_back(field.is_integer ? fmt::format("{:.0f}", value) : fmt::format("{:.12g}", value));
  }
  write_line(join(parts));
  ++n_rows_;
}

ResultTable::ResultTable(const std::string& path, bool with_conduction, std::optional<Index> resume_after)
    : with_conduction_(with_conduction), table_(resume_after ? Table(path, columns_of(with_conduction), *resume_after) : Table(path, columns_of(with_conduction))) {}

void ResultTable::append(const physics::StepRow& row, const std::optional<physics::ConductionRow>& conduction) {
  std::vector<TableField> fields = head_fields(row);
  if (with_conduction_)
    for (TableField& field : conduction_fields(conduction)) fields.push_back(std::move(field));
  table_.append(fields);
}

StepsTable::StepsTable(const std::string& folder, bool with_conduction, std::optional<Index> resume_after)
    : ResultTable((std::filesystem::path(folder) / "steps.csv").string(), with_conduction, resume_after) {}
CyclesTable::CyclesTable(const std::string& folder, std::optional<Index> resume_after)
    : ResultTable((std::filesystem::path(folder) / "cycles.csv").string(), true, resume_after) {}

}  // namespace voxode::io
