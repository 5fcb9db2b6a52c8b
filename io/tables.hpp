#pragma once
// steps.csv and cycles.csv (docs/manual/file-formats.md): SI in, the units of the header out. A row is on disk when its call returns.
#include <optional>
#include <string>
#include <vector>

#include "physics/results.hpp"

namespace voxode::io {

/// One column of a table.
struct TableField {
  const char* name;
  const char* unit;              ///< "" for counts, shares and text
  std::optional<double> value;   ///< in `unit`; empty: does not apply
  bool is_integer = false;
  std::string text;              ///< instead of a value, where the column holds words
};

/// The columns both tables begin with, in their order, and those of conduction.
std::vector<TableField> head_fields(const physics::StepRow& row);
std::vector<TableField> conduction_fields(const std::optional<physics::ConductionRow>& row);

/// A file of comma-separated rows that only ever holds whole rows: one write() a row, then fsync; what a full disk left of a row is cut off again.
class Table {
 public:
  /// Starts the table anew. Throws OutputError.
  Table(const std::string& path, const std::vector<std::string>& columns);
  /// Goes on with the table of an earlier run after its first `n_rows` rows; later ones are cut off. Throws InputError if the file is missing, has another header
  /// or fewer rows, OutputError if it cannot be written.
  Table(const std::string& path, const std::vector<std::string>& columns, Index n_rows);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// Throws OutputError (disk full, no longer writable) naming the file; InternalError for a number that is not finite or a wrong number of fields.
  void append(const std::vector<TableField>& fields);
  Index n_rows() const { return n_rows_; }
  const std::string& path() const { return path_; }

 private:
  void write_line(const std::string& line);
  std::string path_;
  std::vector<std::string> columns_;
  int handle_ = -1;
  long long size_ = 0;  ///< bytes of whole rows
  Index n_rows_ = 0;
};

/// A table of load steps or half cycles: the common head and, if asked for, the columns of conduction.
class ResultTable {
 public:
  /// `resume_after`: go on after this many rows of an earlier run; empty: start anew.
  ResultTable(const std::string& path, bool with_conduction, std::optional<Index> resume_after);
  /// `conduction` empty: the row's conduction was not asked for, its fields stay empty.
  void append(const physics::StepRow& row, const std::optional<physics::ConductionRow>& conduction = {});
  Index n_rows() const { return table_.n_rows(); }
  const std::string& path() const { return table_.path(); }

 private:
  bool with_conduction_;
  Table table_;
};

/// `folder`/steps.csv; with the columns of conduction where `effective.every` is step.
struct StepsTable : ResultTable {
  StepsTable(const std::string& folder, bool with_conduction, std::optional<Index> resume_after = {});
};
/// `folder`/cycles.csv.
struct CyclesTable : ResultTable {
  explicit CyclesTable(const std::string& folder, std::optional<Index> resume_after = {});
};

}  // namespace voxode::io
