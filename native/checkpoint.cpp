// Activation checkpointing (Chen et al. 2016): a function of tensors whose inside is dropped after the forward pass and
// computed again in the backward pass. The function is the caller's, in another language; here is the node of autograd's graph
// that calls it. A nested backward pass adds the gradients of the parameters that the function uses to those leaves.

#include "prefer_torch.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdlib>
#include <vector>

namespace {

// The caller's function. It gets handles of its inputs, which are its to free, and puts its result into a slot with
// pt_checkpoint_result. When it fails it returns a message from malloc, otherwise null.
using Run = char* (*)(void* function, void* const* inputs, int32_t count, int32_t is_replay, void* slot);
using Release = void (*)(void* function);

struct Callback final : torch::CustomClassHolder {
  Callback(void* function, Run run, Release release) : function_(function), run_(run), release_(release) {}
  Callback(const Callback&) = delete;
  ~Callback() override { release_(function_); }

  at::Tensor operator()(const std::vector<at::Tensor>& inputs, bool is_replay) const {
    std::vector<void*> handles;
    for (const at::Tensor& input : inputs) handles.push_back(give(input));
    at::Tensor result;
    char* message = run_(function_, handles.data(), static_cast<int32_t>(handles.size()), is_replay, &result);
    if (message != nullptr) {
      const std::string text = message;
      std::free(message);
      throw std::runtime_error(text);
    }
    return result;
  }

 private:
  void* function_;
  Run run_;
  Release release_;
};

// Leaves of their own, so that the graph of one layer ends at its inputs.
std::vector<at::Tensor> cut(const torch::autograd::variable_list& inputs) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.detach().set_requires_grad(input.requires_grad()));
  return leaves;
}

struct Checkpoint final : torch::autograd::Function<Checkpoint> {
  // Runs without recording, as every custom function does.
  // The anchor requires gradients, so that the result does: the function may use leaves that do where no input does.
  static at::Tensor forward(
      torch::autograd::AutogradContext* context, const at::Tensor& anchor, at::TensorList inputs, c10::intrusive_ptr<Callback> function) {
    context->save_for_backward(inputs.vec());
    context->saved_data["function"] = c10::IValue::make_capsule(function);
    return (*function)(cut(inputs.vec()), false);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    auto function = context->saved_data["function"].toCapsule();
    const auto leaves = cut(context->get_saved_variables());
    at::Tensor result;
    {
      at::AutoGradMode recording(true);
      result = (*static_cast<Callback*>(function.get()))(leaves, true);
    }
    if (result.requires_grad()) torch::autograd::backward({result}, {gradients[0]});
    torch::autograd::variable_list own(1);  // of the anchor
    for (const at::Tensor& leaf : leaves) own.push_back(leaf.grad());
    own.emplace_back();  // of the function
    return own;
  }
};

}  // namespace

// The function is released when it is no longer needed, at once where no graph is recorded.
PT_EXPORT int pt_checkpoint(void* const* inputs, int32_t count, void* function, Run run, Release release, void** result) {
  return guarded([&] {
    auto held = c10::make_intrusive<Callback>(function, run, release);
    std::vector<at::Tensor> list;
    for (int32_t k = 0; k < count; k++) list.push_back(tensor(inputs[k]));
    const at::Tensor anchor = at::empty({0}, list.at(0).options().dtype(at::kFloat)).set_requires_grad(true);
    *result = give(Checkpoint::apply(anchor, at::TensorList(list), held));
  });
}

PT_EXPORT void pt_checkpoint_result(void* slot, void* handle) { *static_cast<at::Tensor*>(slot) = tensor(handle); }
