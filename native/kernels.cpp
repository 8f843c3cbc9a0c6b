// The kernels of kernels.h for one set of vector instructions: PREFER_INSTRUCTIONS names it, and the compiler's flags choose it.

#include "kernels.h"

namespace prefer {
namespace {

#include "vectors.h"
#include "rowwise.h"
#include "attention.h"
#include "attention_passes.h"

// factors: learning rate / (1 − β₁ᵗ), β₁, 1 − β₁, β₂, 1 − β₂, √(1 − β₂ᵗ), ε, 1 − learning rate · decay, scale of the gradient. The differences
// from 1 are taken in double precision: in fp32, 1 − 0.999 is off by 1e-5 of itself.
template <typename C>
void adamw(int64_t count, C* __restrict parameter, const C* __restrict gradient, C* __restrict mean, C* __restrict square, const double* factors) {
  const C step = factors[0], beta1 = factors[1], rest1 = factors[2], beta2 = factors[3], rest2 = factors[4], correction = factors[5], epsilon = factors[6], keep = factors[7], scale = factors[8];
  const bool is_near_mean = rest1 < static_cast<C>(0.5);  // PyTorch's lerp begins at the nearer end
  for (int64_t k = 0; k < count; k++) {
    const C g = gradient[k] * scale, m = is_near_mean ? mean[k] + rest1 * (g - mean[k]) : g - (g - mean[k]) * beta1, v = square[k] * beta2 + rest2 * g * g;
    mean[k] = m;
    square[k] = v;
    parameter[k] = parameter[k] * keep - step * m / (root(v) / correction + epsilon);
  }
}

void to_bf16(int64_t count, const float* from, Bf16* to) {
  for (int64_t k = 0; k < count; k += kWidth<float>) store_part(to + k, load_part(from + k, count - k), count - k);
}

void to_float(int64_t count, const Bf16* from, float* to) {
  for (int64_t k = 0; k < count; k += kWidth<float>) store_part(to + k, load_part(from + k, count - k), count - k);
}

void adamw_float(int64_t count, float* parameter, const float* gradient, float* mean, float* square, Bf16* cast, const double* factors) {
  // In pieces that stay in the nearest cache, so that the cast costs no pass of its own.
  constexpr int64_t piece = 1024;
  for (int64_t k = 0; k < count; k += piece) {
    const int64_t some = at_most(piece, count - k);
    adamw<float>(some, parameter + k, gradient + k, mean + k, square + k, factors);
    if (cast != nullptr) to_bf16(some, parameter + k, cast + k);
  }
}

double square_sum(int64_t count, const float* values) {
  double total = 0;
  constexpr int64_t piece = 1024;
  for (int64_t k = 0; k < count; k += piece) {
    const int64_t end = at_most(count, k + piece);
    FloatVector sums = {};
    for (int64_t j = k; j < end; j += kWidth<float>) {
      const FloatVector value = load_part(values + j, end - j);
      sums += value * value;
    }
    for (int lane = 0; lane < kWidth<float>; lane++) total += sums[lane];
  }
  return total;
}

template <typename T>
constexpr Table<T> table_of() {
  return {rms_norm<T>, rms_norm_backward<T>, layer_norm<T>, layer_norm_backward<T>, gated<T>, gated_backward<T>, rotate<T>, attend<T>, attend_backward<T>};
}

}  // namespace

#define PREFER_TABLE(name) kernels_##name
#define PREFER_NAMED(name) PREFER_TABLE(name)
#define PREFER_TEXT(name) #name
#define PREFER_QUOTED(name) PREFER_TEXT(name)

extern const Kernels PREFER_NAMED(PREFER_INSTRUCTIONS) = {
    PREFER_QUOTED(PREFER_INSTRUCTIONS), table_of<float>(), table_of<double>(), table_of<Bf16>(), adamw_float, adamw<double>, square_sum, to_float, to_bf16,
};

}  // namespace prefer
