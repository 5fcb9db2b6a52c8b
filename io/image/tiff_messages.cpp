#ifdef VOXODE_WITH_TIFF
#include <cstdarg>
#include <cstdio>

#include "io/image/tiff.hpp"

namespace voxode::io {
namespace {

thread_local std::string* current = nullptr;

void keep(thandle_t, const char*, const char* format, va_list arguments) {
  char text[512];
  std::vsnprintf(text, sizeof(text), format, arguments);
  if (current) *current = text;
}

}  // namespace

TiffMessages::TiffMessages()
    : error_(TIFFSetErrorHandler(nullptr)), warning_(TIFFSetWarningHandler(nullptr)), error_ext_(TIFFSetErrorHandlerExt(keep)), warning_ext_(TIFFSetWarningHandlerExt(nullptr)) {
  current = &message_;
}

TiffMessages::~TiffMessages() {
  TIFFSetErrorHandler(error_);
  TIFFSetWarningHandler(warning_);
  TIFFSetErrorHandlerExt(error_ext_);
  TIFFSetWarningHandlerExt(warning_ext_);
  current = nullptr;
}

std::string TiffMessages::take() {
  std::string text;
  if (!message_.empty()) text = " (libtiff: \"" + message_ + "\")";
  message_.clear();
  return text;
}

}  // namespace voxode::io
#endif
