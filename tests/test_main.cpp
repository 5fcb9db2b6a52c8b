#include <gtest/gtest.h>

#include "kernels/runtime.hpp"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  voxode::kernels::Runtime runtime({});
  return RUN_ALL_TESTS();
}
