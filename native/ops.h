// What the operators of the `prefer` namespace share: which kernels and which types, and how rows are divided among threads.
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>
#include <torch/version.h>

#include "kernels.h"

namespace prefer {

#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
template <typename T>
using Optional = std::optional<T>;
#else
template <typename T>
using Optional = c10::optional<T>;
#endif

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// The kernels for this processor.
const Kernels& kernels();

// Whether a tensor is of a kind that the kernels compute: on the CPU, float, double or bf16. Others take the plain operators.
bool has_kernels(const Tensor& tensor);

// float for bf16 and float, double for double.
inline at::ScalarType computed(const Tensor& tensor) { return tensor.scalar_type() == at::kDouble ? at::kDouble : at::kFloat; }

// Calls body(T{}) with the element type.
template <typename Body>
void with_type(const Tensor& tensor, Body body) {
  switch (tensor.scalar_type()) {
    case at::kFloat: return body(float{});
    case at::kDouble: return body(double{});
    case at::kBFloat16: return body(Bf16{});
    default: TORCH_CHECK(false, "no kernel for elements of type ", tensor.scalar_type());
  }
}

template <typename T>
T* data(const Tensor& tensor) {
  return tensor.defined() ? static_cast<T*>(tensor.data_ptr()) : nullptr;
}

// Calls body(part, rows) for as many parts as there are threads. The parts depend on the numbers of rows and threads only, so that sums that are
// kept by part come out the same every time.
template <typename Body>
void by_parts(int64_t row_count, int64_t size, Body body) {
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), std::max<int64_t>(1, row_count * size / 4096));
  at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
    for (int64_t part = first; part < last; part++) body(part, Rows{row_count * part / parts, row_count * (part + 1) / parts, size});
  });
}

// A matrix whose rows may be apart, but whose columns stand together.
inline Tensor with_dense_rows(const Tensor& tensor) { return tensor.stride(-1) == 1 ? tensor : tensor.contiguous(); }

inline Tensor value_or(const Optional<Tensor>& tensor) { return tensor.has_value() ? *tensor : Tensor(); }

}  // namespace prefer
