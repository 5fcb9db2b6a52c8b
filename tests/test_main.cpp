#include <gtest/gtest.h>

#include "kernels/runtime.hpp"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();  // the list is read by ctest: no word of Kokkos in it, no GPU needed for it
  voxode::kernels::Runtime runtime({});
  return RUN_ALL_TESTS();
}
