#pragma once
// Writing VTK's XML files with errors as exceptions. Include only from .cpp files that exist with VTK.
#include <vtkCallbackCommand.h>
#include <vtkCommand.h>
#include <vtkDataCompressor.h>
#include <vtkErrorCode.h>
#include <vtkExecutive.h>
#include <vtkFieldData.h>
#include <vtkNew.h>
#include <vtkStringArray.h>
#include <vtkXMLWriter.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "io/result_file.hpp"

namespace voxode::io {

inline void add_text(vtkFieldData* data, const char* name, const std::vector<std::string>& lines) {
  vtkNew<vtkStringArray> array;
  array->SetName(name);
  for (const std::string& line : lines) array->InsertNextValue(line);
  data->AddArray(array);
}

/// Binary, appended, zlib. Throws OutputError naming `final_path`.
inline void write_vtk(vtkXMLWriter* writer, vtkDataObject* data, const std::string& path, const std::string& final_path) {
  bool failed = false;
  vtkNew<vtkCallbackCommand> observer;  // takes VTK's own print to the terminal away
  observer->SetClientData(&failed);
  observer->SetCallback([](vtkObject*, unsigned long, void* client, void*) { *static_cast<bool*>(client) = true; });
  writer->AddObserver(vtkCommand::ErrorEvent, observer);
  writer->GetExecutive()->AddObserver(vtkCommand::ErrorEvent, observer);
  writer->SetFileName(path.c_str());
  writer->SetInputDataObject(data);
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->SetCompressorTypeToZLib();
  writer->GetCompressor()->SetCompressionLevel(1);
  writer->SetIdTypeToInt32();
  errno = 0;
  const bool done = writer->Write() == 1 && !failed && writer->GetErrorCode() == vtkErrorCode::NoError;
  if (!done) {
    const int reason = writer->GetErrorCode() == vtkErrorCode::OutOfDiskSpaceError && errno == 0 ? ENOSPC : errno;
    std::remove(path.c_str());
    fail_to_write("the state", final_path, reason);
  }
}

}  // namespace voxode::io
