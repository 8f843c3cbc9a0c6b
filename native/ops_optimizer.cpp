// AdamW in one pass over a parameter, and the sum of squares of gradients without copies.

#include "ops.h"

namespace prefer {
namespace {

constexpr int64_t kPiece = 1 << 14;

double square_sum(at::TensorList tensors) {
  double total = 0;
  for (const Tensor& tensor : tensors) {
    if (!tensor.is_cpu() || tensor.scalar_type() != at::kFloat || !tensor.is_contiguous()) {
      total += tensor.to(at::kDouble).square().sum().item<double>();
      continue;
    }
    // Sums by piece, added in order: the same whatever thread took which.
    const int64_t count = tensor.numel(), pieces = (count + kPiece - 1) / kPiece;
    std::vector<double> sums(pieces);
    at::parallel_for(0, pieces, 4, [&](int64_t begin, int64_t end) {
      for (int64_t piece = begin; piece < end; piece++) sums[piece] = kernels().square_sum(std::min(kPiece, count - piece * kPiece), data<float>(tensor) + piece * kPiece);
    });
    for (const double sum : sums) total += sum;
  }
  return total;
}

// step: learning rate / (1 − β₁ᵗ); correction: √(1 − β₂ᵗ); keep: 1 − learning rate · decay; scale: of the gradient. `cast` takes the parameter in bf16.
void adamw(const Tensor& parameter, const Tensor& gradient, const Tensor& mean, const Tensor& square, const Optional<Tensor>& cast, double step, double beta1, double beta2, double correction,
           double epsilon, double keep, double scale) {
  const Tensor copy = value_or(cast);
  TORCH_CHECK(gradient.sizes() == parameter.sizes() && mean.sizes() == parameter.sizes() && square.sizes() == parameter.sizes(), "a gradient or moment of another shape than the parameter");
  const bool has_kernel = parameter.is_cpu() && (parameter.scalar_type() == at::kFloat || parameter.scalar_type() == at::kDouble) && gradient.scalar_type() == parameter.scalar_type();
  if (!has_kernel || !parameter.is_contiguous() || !gradient.is_contiguous() || (copy.defined() && copy.scalar_type() != at::kBFloat16)) {
    at::NoGradGuard no_grad;
    const Tensor g = scale == 1 ? gradient : gradient * scale;
    parameter.mul_(keep);
    mean.lerp_(g, 1 - beta1);
    square.mul_(beta2).addcmul_(g, g, 1 - beta2);
    parameter.addcdiv_(mean, (square.sqrt() / correction).add_(epsilon), -step);
    if (copy.defined()) copy.copy_(parameter);
    return;
  }
  const double factors[] = {step, beta1, 1 - beta1, beta2, 1 - beta2, correction, epsilon, keep, scale};
  at::parallel_for(0, parameter.numel(), kPiece, [&](int64_t begin, int64_t end) {
    if (parameter.scalar_type() == at::kFloat) {
      kernels().adamw(end - begin, data<float>(parameter) + begin, data<float>(gradient) + begin, data<float>(mean) + begin, data<float>(square) + begin,
                      copy.defined() ? data<Bf16>(copy) + begin : nullptr, factors);
    } else {
      kernels().adamw_double(end - begin, data<double>(parameter) + begin, data<double>(gradient) + begin, data<double>(mean) + begin, data<double>(square) + begin, factors);
      if (copy.defined()) copy.view(-1).narrow(0, begin, end - begin).copy_(parameter.view(-1).narrow(0, begin, end - begin));
    }
  });
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(prefer, library) {
  library.def("square_sum(Tensor[] tensors) -> float", square_sum);
  library.def("adamw_(Tensor(a!) parameter, Tensor gradient, Tensor(b!) mean, Tensor(c!) square, Tensor(d!)? cast, float step, float beta1, float beta2, float correction, float epsilon, float keep, float scale) -> ()", adamw);
}

}  // namespace prefer
