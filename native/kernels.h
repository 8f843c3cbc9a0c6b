// The arithmetic over rows of numbers that is neither a matrix product nor worth a chain of operators: one pass over memory
// each. kernels.cpp is compiled once for every set of vector instructions; `kernels()` gives the table of the best one that this
// processor has. Left out on purpose: tensors, threads and gradients, which ops.cpp adds.
//
// T is the element type of activations (float, double, Bf16); C, what is computed in: double for double, float otherwise.
#pragma once

#include <cstdint>

namespace prefer {

// The upper half of a float.
struct Bf16 {
  uint16_t bits;
};

template <typename T>
struct Computed {
  using Type = float;
};
template <>
struct Computed<double> {
  using Type = double;
};

enum class Activation : int64_t { kSilu = 0, kGelu = 1, kGeluTanh = 2 };

// Rows [begin, end) of matrices with `size` columns, rows behind each other.
struct Rows {
  int64_t begin, end, size;
};

// One span of a token forest: `length` tokens from `start` in the packed arrays, at positions from `depth` on; `parent` is the
// index of the span before it, or -1.
struct Span {
  int64_t start, length, parent, depth;
};

// What every span's attention has in common. H query heads read K key heads, D columns each; row strides are in elements.
struct AttentionShape {
  const Span* spans;
  int64_t span_count, tokens, heads, key_heads, size;
  int64_t query_stride, key_stride, value_stride;
  bool causal;
  int64_t window;  // 0: none
  double scale, soft_cap;  // soft_cap 0: none
  double dropout;
  uint32_t seed;
};

template <typename T>
struct Table {
  using C = typename Computed<T>::Type;

  // out = norm(x + branch), sum = x + branch where branch is given; root = 1/√(mean square + ε) of each row.
  void (*rms_norm)(Rows rows, const T* x, const T* branch, const C* weight, double epsilon, bool adds_one, T* sum, T* out, C* root);
  // grad_x of the sum, from grad_out and, where given, grad_sum; adds to grad_weight [size].
  void (*rms_norm_backward)(Rows rows, const T* sum, const C* weight, bool adds_one, const C* root, const T* grad_out, const T* grad_sum, T* grad_x, C* grad_weight);
  void (*layer_norm)(Rows rows, const T* x, const T* branch, const C* weight, const C* bias, double epsilon, T* sum, T* out, C* mean, C* root);
  void (*layer_norm_backward)(Rows rows, const T* sum, const C* weight, const C* mean, const C* root, const T* grad_out, const T* grad_sum, T* grad_x, C* grad_weight, C* grad_bias);

  // out = f(gate) · up; up null: f(gate). Strides are those of gate and up, and of their gradients.
  void (*gated)(Rows rows, Activation function, const T* gate, const T* up, int64_t stride, T* out);
  void (*gated_backward)(Rows rows, Activation function, const T* gate, const T* up, int64_t stride, const T* grad_out, T* grad_gate, T* grad_up, int64_t grad_stride);

  // Turns the first `turned` columns of each of `heads` heads by angles [row, turned / 2], half-split; `direction` -1 turns back.
  void (*rotate)(Rows rows, const T* x, int64_t stride, int64_t heads, int64_t turned, const C* cosine, const C* sine, C direction, T* out);

  // Attention of the tasks [begin, end). A task is a tree under a key head, number head · tree_count + tree; tree k is the spans
  // [trees[k], trees[k + 1]). out [T, H·D]; log_sum [H, T] takes log Σ e^score of each query, for the backward pass.
  void (*attend)(const AttentionShape& shape, const int64_t* trees, int64_t tree_count, int64_t begin, int64_t end, const T* queries, const T* keys, const T* values, T* out, C* log_sum);
  // Gradients are dense: [T, H·D], [T, K·D], [T, K·D].
  void (*attend_backward)(const AttentionShape& shape, const int64_t* trees, int64_t tree_count, int64_t begin, int64_t end, const T* queries, const T* keys, const T* values, const T* out,
                          const C* log_sum, const T* grad_out, T* grad_queries, T* grad_keys, T* grad_values);
};

struct Kernels {
  const char* instructions;
  Table<float> of_float;
  Table<double> of_double;
  Table<Bf16> of_bf16;

  // One AdamW update of `count` elements; see ops.cpp for the arguments. `cast` takes the new parameters in bf16 where given.
  void (*adamw)(int64_t count, float* parameter, const float* gradient, float* mean, float* square, Bf16* cast, const double* factors);
  void (*adamw_double)(int64_t count, double* parameter, const double* gradient, double* mean, double* square, const double* factors);
  double (*square_sum)(int64_t count, const float* values);
  void (*to_float)(int64_t count, const Bf16* from, float* to);
  void (*to_bf16)(int64_t count, const float* from, Bf16* to);
};

extern const Kernels kernels_base;
#if defined(__x86_64__)
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

template <typename T>
const Table<T>& table(const Kernels& kernels);
template <>
inline const Table<float>& table(const Kernels& kernels) { return kernels.of_float; }
template <>
inline const Table<double>& table(const Kernels& kernels) { return kernels.of_double; }
template <>
inline const Table<Bf16>& table(const Kernels& kernels) { return kernels.of_bf16; }

}  // namespace prefer
