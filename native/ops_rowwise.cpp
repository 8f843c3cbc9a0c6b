// Norms, gates and rotations as operators with gradients. Where there is no kernel for a tensor, the same as a chain of libtorch's operators.

#include "ops.h"

namespace prefer {

const Kernels& kernels() {
#if defined(__x86_64__)
  static const Kernels& best = []() -> const Kernels& {
    __builtin_cpu_init();
    const char* asked = std::getenv("PREFER_INSTRUCTIONS");
    const std::string limit = asked == nullptr ? "avx512" : asked;
    if (limit == "avx512" && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return kernels_avx512;
    if (limit != "base" && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_avx2;
    return kernels_base;
  }();
  return best;
#else
  return kernels_base;
#endif
}

bool has_kernels(const Tensor& tensor) {
  const auto type = tensor.scalar_type();
  return tensor.is_cpu() && (type == at::kFloat || type == at::kDouble || type == at::kBFloat16);
}

namespace {

// Norms of rows, of x or of x + branch. With a branch the results are the sum and the norm.
template <bool kCentered>
struct Norm : Function<Norm<kCentered>> {
  static variable_list forward(AutogradContext* context, const Tensor& x, const Optional<Tensor>& given_branch, const Optional<Tensor>& given_weight, const Optional<Tensor>& given_bias, double epsilon, bool adds_one) {
    const Tensor branch = value_or(given_branch), weight = value_or(given_weight), bias = value_or(given_bias);
    const int64_t size = x.size(-1), rows = x.numel() / size;
    TORCH_CHECK(!branch.defined() || (branch.sizes() == x.sizes() && branch.scalar_type() == x.scalar_type()), "a branch of another shape or type than what it is added to");
    TORCH_CHECK((!weight.defined() || weight.numel() == size) && (!bias.defined() || bias.numel() == size), "a weight or bias of another size than the rows, ", size);
    const Tensor in = x.contiguous(), added = branch.defined() ? branch.contiguous() : branch;
    const auto type = computed(x);
    const Tensor scale = weight.defined() ? weight.detach().to(type).contiguous() : weight, shift = bias.defined() ? bias.detach().to(type).contiguous() : bias;
    Tensor out = at::empty_like(in), sum = branch.defined() ? at::empty_like(in) : in;
    const Tensor roots = at::empty({rows}, in.options().dtype(type)), means = kCentered ? at::empty({rows}, in.options().dtype(type)) : Tensor();
    with_type(in, [&](auto zero) {
      using T = decltype(zero);
      using C = typename Table<T>::C;
      at::parallel_for(0, rows, std::max<int64_t>(1, 8192 / size), [&](int64_t begin, int64_t end) {
        const Rows some{begin, end, size};
        if constexpr (kCentered) {
          table<T>(kernels()).layer_norm(some, data<T>(in), data<T>(added), data<C>(scale), data<C>(shift), epsilon, data<T>(sum), data<T>(out), data<C>(means), data<C>(roots));
        } else {
          table<T>(kernels()).rms_norm(some, data<T>(in), data<T>(added), data<C>(scale), epsilon, adds_one, data<T>(sum), data<T>(out), data<C>(roots));
        }
      });
    });
    context->save_for_backward({sum, scale, roots, means});
    context->saved_data["has_branch"] = branch.defined();
    context->saved_data["has_bias"] = bias.defined();
    context->saved_data["adds_one"] = adds_one;
    if (weight.defined()) context->saved_data["type"] = static_cast<int64_t>(weight.scalar_type());
    return branch.defined() ? variable_list{sum, out} : variable_list{out};
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &sum = saved[0], &scale = saved[1], &roots = saved[2], &means = saved[3];
    const bool has_branch = context->saved_data["has_branch"].toBool(), has_bias = context->saved_data["has_bias"].toBool(), adds_one = context->saved_data["adds_one"].toBool();
    const int64_t size = sum.size(-1), rows = sum.numel() / size;
    const Tensor grad_sum = has_branch && grads[0].defined() ? grads[0].contiguous() : Tensor();
    const Tensor grad_out = grads.back().defined() ? grads.back().contiguous() : at::zeros_like(sum);
    const Tensor grad_x = at::empty_like(sum);
    const auto parts_options = sum.options().dtype(computed(sum));
    const Tensor grad_weights = at::zeros({at::get_num_threads(), size}, parts_options), grad_biases = has_bias ? at::zeros({at::get_num_threads(), size}, parts_options) : Tensor();
    with_type(sum, [&](auto zero) {
      using T = decltype(zero);
      using C = typename Table<T>::C;
      by_parts(rows, size, [&](int64_t part, Rows some) {
        C* grad_weight = data<C>(grad_weights) + part * size;
        C* grad_bias = has_bias ? data<C>(grad_biases) + part * size : nullptr;
        if constexpr (kCentered) {
          table<T>(kernels()).layer_norm_backward(some, data<T>(sum), data<C>(scale), data<C>(means), data<C>(roots), data<T>(grad_out), data<T>(grad_sum), data<T>(grad_x), grad_weight, grad_bias);
        } else {
          table<T>(kernels()).rms_norm_backward(some, data<T>(sum), data<C>(scale), adds_one, data<C>(roots), data<T>(grad_out), data<T>(grad_sum), data<T>(grad_x), grad_weight);
        }
      });
    });
    const bool has_weight = scale.defined();
    const auto type = has_weight ? static_cast<at::ScalarType>(context->saved_data["type"].toInt()) : at::kFloat;
    const auto total = [&](const Tensor& parts) { return (parts.size(0) == 1 ? parts.view({size}) : parts.sum(0)).to(type); };
    return {grad_x, has_branch ? grad_x : Tensor(), has_weight ? total(grad_weights) : Tensor(), has_bias ? total(grad_biases) : Tensor(), Tensor(), Tensor()};
  }
};

std::vector<Tensor> rms_norm(const Tensor& x, const Optional<Tensor>& branch, const Tensor& weight, double epsilon, bool adds_one) {
  if (has_kernels(x)) return Norm<false>::apply(x, branch, Optional<Tensor>(weight), Optional<Tensor>(), epsilon, adds_one);
  const Tensor sum = branch.has_value() ? x + *branch : x;
  const Tensor precise = sum.scalar_type() == at::kDouble ? sum : sum.to(at::kFloat);
  const Tensor normal = precise * at::rsqrt(precise.square().mean(-1, true) + epsilon);
  const Tensor out = (normal * (adds_one ? weight + 1 : weight)).to(sum.scalar_type());
  return branch.has_value() ? std::vector<Tensor>{sum, out} : std::vector<Tensor>{out};
}

std::vector<Tensor> layer_norm(const Tensor& x, const Optional<Tensor>& branch, const Optional<Tensor>& weight, const Optional<Tensor>& bias, double epsilon) {
  if (has_kernels(x)) return Norm<true>::apply(x, branch, weight, bias, epsilon, false);
  const Tensor sum = branch.has_value() ? x + *branch : x;
  const auto like = [&](const Optional<Tensor>& tensor) -> Optional<Tensor> {
    if (!tensor.has_value()) return {};
    return tensor->to(sum.scalar_type());
  };
  const Tensor out = at::layer_norm(sum, {sum.size(-1)}, like(weight), like(bias), epsilon);
  return branch.has_value() ? std::vector<Tensor>{sum, out} : std::vector<Tensor>{out};
}

struct Gated : Function<Gated> {
  static Tensor forward(AutogradContext* context, const Tensor& gate, const Optional<Tensor>& given_up, int64_t function) {
    const Tensor up = value_or(given_up);
    TORCH_CHECK(!up.defined() || (up.sizes() == gate.sizes() && up.scalar_type() == gate.scalar_type()), "a gate and an input of different shapes or types");
    const int64_t size = gate.size(-1), rows = gate.numel() / size;
    const bool is_alike = gate.dim() == 2 && gate.stride(1) == 1 && (!up.defined() || (up.stride(1) == 1 && up.stride(0) == gate.stride(0)));
    const Tensor left = is_alike ? gate : gate.contiguous(), right = is_alike || !up.defined() ? up : up.contiguous();
    const Tensor out = at::empty(gate.sizes(), gate.options());
    with_type(out, [&](auto zero) {
      using T = decltype(zero);
      at::parallel_for(0, rows, std::max<int64_t>(1, 4096 / size), [&](int64_t begin, int64_t end) {
        table<T>(kernels()).gated(Rows{begin, end, size}, static_cast<Activation>(function), data<T>(left), data<T>(right), is_alike ? left.stride(0) : size, data<T>(out));
      });
    });
    context->save_for_backward({left, right});
    context->saved_data["stride"] = is_alike ? left.stride(0) : size;
    context->saved_data["function"] = function;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &gate = saved[0], &up = saved[1];
    const int64_t size = gate.size(-1), rows = gate.numel() / size, stride = context->saved_data["stride"].toInt();
    const Tensor grad = grads[0].contiguous();
    const Tensor grad_gate = at::empty(gate.sizes(), gate.options()), grad_up = up.defined() ? at::empty(gate.sizes(), gate.options()) : Tensor();
    with_type(gate, [&](auto zero) {
      using T = decltype(zero);
      const auto function = static_cast<Activation>(context->saved_data["function"].toInt());
      at::parallel_for(0, rows, std::max<int64_t>(1, 4096 / size), [&](int64_t begin, int64_t end) {
        table<T>(kernels()).gated_backward(Rows{begin, end, size}, function, data<T>(gate), data<T>(up), stride, data<T>(grad), data<T>(grad_gate), data<T>(grad_up), size);
      });
    });
    return {grad_gate, grad_up, Tensor()};
  }
};

Tensor gated(const Tensor& gate, const Optional<Tensor>& up, int64_t function) {
  if (has_kernels(gate)) return Gated::apply(gate, up, function);
  const Tensor value = function == static_cast<int64_t>(Activation::kSilu) ? at::silu(gate) : at::gelu(gate, function == static_cast<int64_t>(Activation::kGelu) ? "none" : "tanh");
  return up.has_value() ? value * *up : value;
}

// x [T, H, D], turned by angles whose cosines and sines are [T, R/2]; the first R columns of a head turn.
struct Rotation : Function<Rotation> {
  static Tensor turned(const Tensor& x, const Tensor& cosine, const Tensor& sine, double direction) {
    const Tensor in = x.stride(2) == 1 && x.stride(1) == x.size(2) ? x : x.contiguous();
    const Tensor out = at::empty(in.sizes(), in.options());
    with_type(in, [&](auto zero) {
      using T = decltype(zero);
      using C = typename Table<T>::C;
      at::parallel_for(0, in.size(0), std::max<int64_t>(1, 8192 / (in.size(1) * in.size(2))), [&](int64_t begin, int64_t end) {
        table<T>(kernels()).rotate(Rows{begin, end, in.size(1) * in.size(2)}, data<T>(in), in.stride(0), in.size(1), 2 * cosine.size(1), data<C>(cosine), data<C>(sine), static_cast<C>(direction), data<T>(out));
      });
    });
    return out;
  }

  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& cosine, const Tensor& sine) {
    context->save_for_backward({cosine, sine});
    return turned(x, cosine, sine, 1);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    return {turned(grads[0], saved[0], saved[1], -1), Tensor(), Tensor()};
  }
};

Tensor rotate(const Tensor& x, const Tensor& cosine, const Tensor& sine) {
  TORCH_CHECK(x.dim() == 3 && cosine.dim() == 2 && cosine.sizes() == sine.sizes() && cosine.size(0) == x.size(0) && 2 * cosine.size(1) <= x.size(2), "angles that do not fit heads");
  if (has_kernels(x)) return Rotation::apply(x, cosine.to(computed(x)).contiguous(), sine.to(computed(x)).contiguous());
  const int64_t half = cosine.size(1);
  const Tensor c = cosine.unsqueeze(1), s = sine.unsqueeze(1), a = x.narrow(2, 0, half), b = x.narrow(2, half, half);
  return at::cat({(a * c - b * s).to(x.scalar_type()), (b * c + a * s).to(x.scalar_type()), x.narrow(2, 2 * half, x.size(2) - 2 * half)}, 2);
}

}  // namespace

TORCH_LIBRARY(prefer, library) {
  library.def("rms_norm(Tensor x, Tensor? branch, Tensor weight, float epsilon, bool adds_one) -> Tensor[]", rms_norm);
  library.def("layer_norm(Tensor x, Tensor? branch, Tensor? weight, Tensor? bias, float epsilon) -> Tensor[]", layer_norm);
  library.def("gated(Tensor gate, Tensor? up, int function) -> Tensor", gated);
  library.def("rotate(Tensor x, Tensor cosine, Tensor sine) -> Tensor", rotate);
}

}  // namespace prefer
