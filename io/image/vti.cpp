// VTK image data. Spacing has no unit there: taken as metres where that is possible.
#include <fmt/format.h>

#include "io/image/store.hpp"

#ifndef VOXODE_WITH_VTK
namespace voxode::io {
void read_vti(const std::string& path, LabelStore&) {
  throw InputError(fmt::format("{}: this build cannot read .vti. Configure with -DVOXODE_WITH_VTK=ON (needs VTK), or convert the image to TIFF or .npy.", path));
}
}  // namespace voxode::io
#else

#include <vtkCellData.h>
#include <vtkCommand.h>
#include <vtkDataArray.h>
#include <vtkExecutive.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkXMLImageDataReader.h>

#include <type_traits>

namespace voxode::io {
namespace {

/// Keeps VTK's complaint, which would go to standard error.
class Complaint : public vtkCommand {
 public:
  static Complaint* New() { return new Complaint; }
  void Execute(vtkObject*, unsigned long event, void* data) override {
    if (event == vtkCommand::ErrorEvent && data && text.empty()) text = static_cast<const char*>(data);
  }
  std::string text;
};

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

/// The active scalars, else the only array, else one with a telling name.
vtkDataArray* label_array(vtkDataSetAttributes* data, std::string& names) {
  if (data->GetScalars()) return data->GetScalars();
  for (int a = 0; a < data->GetNumberOfArrays(); ++a) names += fmt::format("{}{}", names.empty() ? "" : ", ", data->GetArrayName(a) ? data->GetArrayName(a) : "(unnamed)");
  if (data->GetNumberOfArrays() == 1) return data->GetArray(0);
  for (const char* name : {"label", "labels", "phase", "material"})
    if (vtkDataArray* array = data->GetArray(name)) return array;
  return nullptr;
}

template <class T>
void put_all(const T* values, const std::array<Index, 3>& shape, LabelStore& store) {
  for (Index i = 0; i < shape[0]; ++i)
    for (Index j = 0; j < shape[1]; ++j) store.put_row(i, j, values + (i * shape[1] + j) * shape[2]);
}

}  // namespace

void read_vti(const std::string& path, LabelStore& store) {
  vtkNew<Complaint> complaint;
  vtkNew<vtkXMLImageDataReader> reader;
  reader->AddObserver(vtkCommand::ErrorEvent, complaint);
  reader->AddObserver(vtkCommand::WarningEvent, complaint);
  reader->GetExecutive()->AddObserver(vtkCommand::ErrorEvent, complaint);  // it repeats the reader's failure on its own
  reader->SetReaderErrorObserver(complaint);
  reader->SetParserErrorObserver(complaint);
  reader->SetFileName(path.c_str());
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  if (!complaint->text.empty() || !image || image->GetNumberOfPoints() == 0)
    throw InputError(fmt::format("{}: the file is damaged, truncated or no VTK image data (VTK: \"{}\"). Save it again as .vti.", path, one_line(complaint->text)));
  std::string cell_names, point_names;
  vtkDataArray* array = label_array(image->GetCellData(), cell_names);
  const bool cells = array != nullptr;
  if (!array) array = label_array(image->GetPointData(), point_names);
  if (!array)
    throw InputError(fmt::format("{}: which array holds the labels is not clear (cell data: {}; point data: {}). Name it \"labels\", or save it alone.", path,
                                 cell_names.empty() ? "none" : cell_names, point_names.empty() ? "none" : point_names));
  if (array->GetNumberOfComponents() != 1)
    throw InputError(fmt::format("{}: the array \"{}\" has {} components; labels have one. Save the labels alone.", path, array->GetName() ? array->GetName() : "",
                                 array->GetNumberOfComponents()));
  int dims[3];
  image->GetDimensions(dims);
  const int less = cells ? 1 : 0;
  const std::array<Index, 3> shape{dims[2] - less, dims[1] - less, dims[0] - less};
  const double* spacing = image->GetSpacing();
  store.image().voxel_size = spacing_in_metres({spacing[2], spacing[1], spacing[0]});
  if (array->GetNumberOfTuples() < array_bytes(shape, 1, path))
    throw InputError(fmt::format("{}: the array holds {} values, the image has {} voxels. Save it again as .vti.", path, array->GetNumberOfTuples(), shape_text(shape)));
  const void* data = array->GetVoidPointer(0);
  const auto put = [&](auto zero) {
    using T = decltype(zero);
    store.begin(shape, fmt::format("{}int{}", std::is_unsigned_v<T> ? "u" : "", 8 * sizeof(T)));
    put_all(static_cast<const T*>(data), shape, store);
  };
  const bool is_unsigned = array->GetDataTypeMin() >= 0;
  switch (array->GetDataType()) {
    case VTK_FLOAT:
    case VTK_DOUBLE:
    case VTK_BIT:
      throw InputError(fmt::format("{}: the array \"{}\" holds {} numbers; labels are whole numbers of 1 to 8 bytes. Convert it, e.g. to unsigned char.", path,
                                   array->GetName() ? array->GetName() : "", array->GetDataTypeAsString()));
    default: break;
  }
  switch (array->GetDataTypeSize()) {
    case 1: return is_unsigned ? put(std::uint8_t()) : put(std::int8_t());
    case 2: return is_unsigned ? put(std::uint16_t()) : put(std::int16_t());
    case 4: return is_unsigned ? put(std::uint32_t()) : put(std::int32_t());
    default: return is_unsigned ? put(std::uint64_t()) : put(std::int64_t());
  }
}

}  // namespace voxode::io
#endif
