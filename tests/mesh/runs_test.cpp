// Runs against the list they stand for.
#include "mesh/runs.hpp"

#include <gtest/gtest.h>

namespace {

using voxode::mesh::Runs;

TEST(Runs, Expand_GivesTheListBack) {
  for (const std::vector<std::int32_t>& list : {std::vector<std::int32_t>{}, {7}, {-1, -1, 3, 3, 3, -1, 4}}) EXPECT_EQ(Runs(list).expand(), list);
  EXPECT_EQ(Runs({-1, -1, 3, 3, 3, -1, 4}).value.size(), 4u);
}

}  // namespace
