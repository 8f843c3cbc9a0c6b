// Linear layers that read the same input, and look-ups in embeddings: what their gradients can do in fewer passes than libtorch's own.

#include "ops.h"

namespace prefer {
namespace {

// Whether matrix products of bf16 run on instructions for it. Where they do not, libtorch's are a plain loop, a hundred times slower
// than converting to float, whose products of bf16 numbers are the same.
bool multiplies_bf16(const Tensor& x) {
#if defined(__x86_64__)
  if (!x.is_cpu()) return true;
  __builtin_cpu_init();
  static const bool supported = __builtin_cpu_supports("avx512bf16");
  return supported;
#else
  return true;
#endif
}

// Converts between float and bf16 with the kernels; anything else as libtorch does.
Tensor converted(const Tensor& x, at::ScalarType type) {
  if (!x.is_cpu() || !x.is_contiguous() || !((x.scalar_type() == at::kFloat && type == at::kBFloat16) || (x.scalar_type() == at::kBFloat16 && type == at::kFloat))) return x.to(type);
  const Tensor result = at::empty(x.sizes(), x.options().dtype(type));
  at::parallel_for(0, x.numel(), 1 << 14, [&](int64_t begin, int64_t end) {
    if (type == at::kFloat) kernels().to_float(end - begin, data<Bf16>(x) + begin, data<float>(result) + begin);
    else kernels().to_bf16(end - begin, data<float>(x) + begin, data<Bf16>(result) + begin);
  });
  return result;
}

// a · b, with a or b possibly transposed views.
Tensor times(const Tensor& a, const Tensor& b) {
  if (a.scalar_type() != at::kBFloat16 || multiplies_bf16(a)) return at::mm(a, b);
  return converted(at::mm(a.to(at::kFloat), b.to(at::kFloat)), at::kBFloat16);
}

// y_k = x · w_kᵀ + b_k, or x · w_k + b_k where the weights are [in, out]. `casts` are the weights in x's type where they are held in another.
struct Linear : Function<Linear> {
  static variable_list forward(AutogradContext* context, const Tensor& x, at::TensorList weights, at::TensorList biases, at::TensorList casts, bool columns) {
    variable_list saved{x}, results;
    for (size_t k = 0; k < weights.size(); k++) {
      const Tensor weight = casts.empty() ? (weights[k].scalar_type() == x.scalar_type() ? weights[k].detach() : weights[k].detach().to(x.scalar_type())) : casts[k];
      const Tensor matrix = columns ? weight : weight.t();
      if (biases.empty()) {
        results.push_back(times(x, matrix));
      } else if (x.scalar_type() == at::kBFloat16 && !multiplies_bf16(x)) {
        results.push_back(converted(at::addmm(biases[k].detach().to(at::kFloat), x.to(at::kFloat), matrix.to(at::kFloat)), at::kBFloat16));
      } else {
        results.push_back(at::addmm(biases[k].detach().to(x.scalar_type()), x, matrix));
      }
      saved.push_back(weight);
    }
    context->save_for_backward(saved);
    context->saved_data["columns"] = columns;
    context->saved_data["has_biases"] = !biases.empty();
    context->saved_data["casts"] = static_cast<int64_t>(casts.size());
    context->saved_data["type"] = static_cast<int64_t>(weights[0].scalar_type());
    std::vector<bool> wanted;
    context->saved_data["x"] = x.requires_grad();
    context->saved_data["w"] = weights[0].requires_grad();
    return results;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor& x = saved[0];
    const size_t count = saved.size() - 1;
    const bool columns = context->saved_data["columns"].toBool(), has_biases = context->saved_data["has_biases"].toBool();
    const auto type = static_cast<at::ScalarType>(context->saved_data["type"].toInt());
    Tensor grad_x;
    variable_list grad_weights(count), grad_biases(has_biases ? count : 0);
    for (size_t k = 0; k < count; k++) {
      if (!grads[k].defined()) continue;
      const Tensor grad = grads[k].contiguous();
      if (context->saved_data["x"].toBool()) {
        const Tensor matrix = columns ? saved[k + 1].t() : saved[k + 1];
        if (!grad_x.defined()) grad_x = times(grad, matrix);
        else if (grad.scalar_type() == at::kBFloat16) grad_x = grad_x + times(grad, matrix);
        else grad_x.addmm_(grad, matrix);
      }
      if (context->saved_data["w"].toBool()) {
        grad_weights[k] = converted(columns ? times(x.t(), grad) : times(grad.t(), x), type);
        if (has_biases) grad_biases[k] = grad.sum(0).to(type);
      }
    }
    variable_list all{grad_x};
    all.insert(all.end(), grad_weights.begin(), grad_weights.end());
    all.insert(all.end(), grad_biases.begin(), grad_biases.end());
    all.resize(all.size() + context->saved_data["casts"].toInt() + 1);
    return all;
  }
};

std::vector<Tensor> linear(const Tensor& x, at::TensorList weights, at::TensorList biases, at::TensorList casts, bool columns) { return Linear::apply(x, weights, biases, casts, columns); }

// Rows of an embedding. The gradient goes straight to those rows of the weight's gradient, which is made once: an operator that returned it would
// fill a matrix of the whole vocabulary for every pass.
struct Embedding : Function<Embedding> {
  static Tensor forward(AutogradContext* context, const Tensor& weight, const Tensor& ids, int64_t padding) {
    context->saved_data["weight"] = weight;
    context->saved_data["padding"] = padding;
    context->save_for_backward({ids});
    return weight.detach().index_select(0, ids);
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const Tensor weight = context->saved_data["weight"].toTensor(), ids = context->get_saved_variables()[0];
    const int64_t padding = context->saved_data["padding"].toInt();
    if (!grads[0].defined()) return {Tensor(), Tensor(), Tensor()};
    Tensor grad = grads[0].to(weight.scalar_type());
    if (padding >= 0) grad = grad.masked_fill((ids == padding).unsqueeze(1), 0);
    Tensor& held = weight.mutable_grad();
    if (!held.defined()) held = at::zeros(weight.sizes(), weight.options());
    held.index_add_(0, ids, grad);
    return {Tensor(), Tensor(), Tensor()};
  }
};

Tensor embedding(const Tensor& weight, const Tensor& ids, int64_t padding) {
  if (weight.is_leaf()) return Embedding::apply(weight, ids, padding);
  return at::embedding(weight, ids, padding);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(prefer, library) {
  library.def("linear(Tensor x, Tensor[] weights, Tensor[] biases, Tensor[] casts, bool columns) -> Tensor[]", linear);
  library.def("embedding(Tensor weight, Tensor ids, int padding) -> Tensor", embedding);
}

}  // namespace prefer
