// The kernels of kernels.h for one set of vector instructions: PREFER_INSTRUCTIONS names it, and the compiler's flags choose it.

#include "kernels.h"

namespace prefer {
namespace {

#include "vectors.h"
#include "rowwise.h"
#include "attention.h"
#include "attention_passes.h"

// factors: learning rate / (1 − β₁ᵗ), β₁, β₂, √(1 − β₂ᵗ), ε, 1 − learning rate · decay, scale of the gradient.
template <typename C>
inline void adamw_element(C& parameter, C gradient, C& mean, C& square, C step, C beta1, C beta2, C correction, C epsilon, C keep, C scale) {
  const C g = gradient * scale;
  // PyTorch's lerp takes whichever end is nearer.
  mean = 1 - beta1 < static_cast<C>(0.5) ? mean + (1 - beta1) * (g - mean) : g - (g - mean) * beta1;
  square = square * beta2 + (1 - beta2) * g * g;
  parameter = parameter * keep - step * mean / (root(square) / correction + epsilon);
}

template <typename C>
void adamw(int64_t count, C* __restrict parameter, const C* __restrict gradient, C* __restrict mean, C* __restrict square, const double* factors) {
  const C step = factors[0], beta1 = factors[1], beta2 = factors[2], correction = factors[3], epsilon = factors[4], keep = factors[5], scale = factors[6];
  for (int64_t k = 0; k < count; k++) adamw_element(parameter[k], gradient[k], mean[k], square[k], step, beta1, beta2, correction, epsilon, keep, scale);
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
