// The C ABI over libtorch that Prefer.Torch calls. Operators are found by name in the dispatcher and called boxed, so one
// source serves every libtorch since 1.13, CPU or CUDA. Left out on purpose: any knowledge of a model, and any operator by
// its C++ name. Every function returns 0, or 1 after storing a message for pt_last_error (per thread).

#include "prefer_torch.h"
#include "ops.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/version.h>

#include <dlfcn.h>
#include <omp.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

thread_local std::string last_error;
std::atomic<int64_t> live_tensors{0};

// The type of a value on the boxed stack. Mirrors ValueKind in Prefer.Torch.
enum Kind : int32_t {
  kNone = 0,
  kTensor = 1,
  kInt = 2,
  kDouble = 3,
  kBool = 4,
  kIntList = 5,
  kTensorList = 6,
  kString = 7,
  kDevice = 8,
};

struct Value {
  int32_t kind;
  int32_t count;  // elements of a list, bytes of a string
  union {
    int64_t i;
    double d;
    void* p;
  };
};

c10::IValue to_ivalue(const Value& value) {
  switch (value.kind) {
    case kNone: return c10::IValue();
    case kTensor: return c10::IValue(tensor(value.p));
    case kInt: return c10::IValue(value.i);
    case kDouble: return c10::IValue(value.d);
    case kBool: return c10::IValue(value.i != 0);
    case kIntList: {
      auto* first = static_cast<const int64_t*>(value.p);
      return c10::IValue(std::vector<int64_t>(first, first + value.count));
    }
    case kTensorList: {
      auto* first = static_cast<void* const*>(value.p);
      std::vector<at::Tensor> list;
      list.reserve(value.count);
      for (int32_t k = 0; k < value.count; k++) list.push_back(tensor(first[k]));
      return c10::IValue(std::move(list));
    }
    case kString: return c10::IValue(std::string(static_cast<const char*>(value.p), value.count));
    case kDevice: return c10::IValue(c10::Device(std::string(static_cast<const char*>(value.p), value.count)));
    default: throw std::runtime_error("unknown kind of value " + std::to_string(value.kind));
  }
}

// A tensor list becomes a malloc'ed array of handles, which the caller frees with pt_free.
Value from_ivalue(const c10::IValue& value) {
  Value result{};
  if (value.isTensor()) {
    result.kind = value.toTensor().defined() ? kTensor : kNone;
    if (result.kind == kTensor) result.p = give(value.toTensor());
  } else if (value.isInt()) {
    result.kind = kInt;
    result.i = value.toInt();
  } else if (value.isDouble()) {
    result.kind = kDouble;
    result.d = value.toDouble();
  } else if (value.isBool()) {
    result.kind = kBool;
    result.i = value.toBool();
  } else if (value.isTensorList()) {
    const auto list = value.toTensorVector();
    auto** handles = static_cast<void**>(std::malloc(sizeof(void*) * (list.size() + 1)));
    for (size_t k = 0; k < list.size(); k++) handles[k] = give(list[k]);
    result.kind = kTensorList;
    result.count = static_cast<int32_t>(list.size());
    result.p = handles;
  } else if (!value.isNone()) {
    throw std::runtime_error("an operator returned a " + value.tagKind() + ", which has no counterpart here");
  }
  return result;
}

using CountSetter = void (*)(int);
using CountGetter = int (*)();

}  // namespace

void* give(at::Tensor value) {
  void* handle = new at::Tensor(std::move(value));
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return handle;
}

void store_error(std::string message) { last_error = std::move(message); }

PT_EXPORT const char* pt_last_error() { return last_error.c_str(); }
PT_EXPORT void pt_free(void* memory) { std::free(memory); }

// ---- Start-up and machine ----

PT_EXPORT const char* pt_version() { return TORCH_VERSION; }

PT_EXPORT const char* pt_build_configuration() {
  static const std::string text = at::show_config();
  return text.c_str();
}

// The file that libtorch's dispatcher was loaded from.
PT_EXPORT const char* pt_library_path() {
  Dl_info found;
  return dladdr(reinterpret_cast<void*>(&c10::Dispatcher::realSingleton), &found) != 0 ? found.dli_fname : "";
}

PT_EXPORT int pt_cuda_device_count(int32_t* count) {
  return guarded([&] { *count = at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().getNumGPUs()) : 0; });
}

PT_EXPORT int pt_set_threads(int32_t count) {
  return guarded([&] {
    at::set_num_threads(count);
    // A libtorch that brings its own OpenMP library tells only that one.
    omp_set_num_threads(count);
  });
}

PT_EXPORT int32_t pt_get_threads() { return at::get_num_threads(); }

// Threads that really share the work of a kernel here, which depends on how this library was compiled, not libtorch.
PT_EXPORT int32_t pt_get_kernel_threads() {
  std::atomic<int32_t> parts{0};
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t, int64_t) { parts++; });
  return parts;
}

PT_EXPORT const char* pt_kernel_instructions() { return prefer::kernels().instructions; }

// OpenBLAS keeps a thread count of its own. 0 where another BLAS is loaded.
PT_EXPORT int32_t pt_get_blas_threads() {
  auto get = reinterpret_cast<CountGetter>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  return get == nullptr ? 0 : get();
}

PT_EXPORT void pt_set_blas_threads(int32_t count) {
  auto set = reinterpret_cast<CountSetter>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(count);
}

// ---- Tensors ----

PT_EXPORT int64_t pt_live_tensors() { return live_tensors.load(std::memory_order_relaxed); }

PT_EXPORT void pt_tensor_free(void* handle) {
  delete static_cast<at::Tensor*>(handle);
  live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

// Copies count bytes from host memory into a new tensor on the device.
PT_EXPORT int pt_tensor_from(const void* data, int64_t bytes, const int64_t* sizes, int32_t rank, int32_t dtype, const char* device,
                             void** result) {
  return guarded([&] {
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    at::Tensor host = at::empty(at::IntArrayRef(sizes, rank), options);
    if (static_cast<int64_t>(host.nbytes()) != bytes) {
      throw std::runtime_error(std::to_string(bytes) + " bytes given for a tensor of " + std::to_string(host.nbytes()));
    }
    if (bytes > 0) std::memcpy(host.data_ptr(), data, bytes);
    c10::Device target{std::string(device)};
    *result = give(target.is_cpu() ? host : host.to(target));
  });
}

// Copies a tensor's elements, in row-major order, to host memory.
PT_EXPORT int pt_tensor_copy_to(void* handle, void* data, int64_t bytes) {
  return guarded([&] {
    at::Tensor host = tensor(handle).detach().to(at::kCPU).contiguous();
    if (static_cast<int64_t>(host.nbytes()) != bytes) {
      throw std::runtime_error(std::to_string(bytes) + " bytes asked of a tensor of " + std::to_string(host.nbytes()));
    }
    if (bytes > 0) std::memcpy(data, host.data_ptr(), bytes);
  });
}

PT_EXPORT int32_t pt_tensor_rank(void* handle) { return static_cast<int32_t>(tensor(handle).dim()); }
PT_EXPORT void pt_tensor_sizes(void* handle, int64_t* sizes) {
  auto found = tensor(handle).sizes();
  std::memcpy(sizes, found.data(), sizeof(int64_t) * found.size());
}
PT_EXPORT int32_t pt_tensor_dtype(void* handle) { return static_cast<int32_t>(tensor(handle).scalar_type()); }

PT_EXPORT int pt_tensor_device(void* handle, char* text, int32_t capacity) {
  return guarded([&] {
    const std::string name = tensor(handle).device().str();
    std::strncpy(text, name.c_str(), capacity - 1);
    text[capacity - 1] = '\0';
  });
}

// ---- Operators ----

PT_EXPORT int pt_op_find(const char* name, const char* overload, void** result) {
  return guarded([&] {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    *result = found.has_value() ? new c10::OperatorHandle(*found) : nullptr;
  });
}

// results holds capacity values; *count says how many the operator gave.
PT_EXPORT int pt_op_call(void* op, const Value* arguments, int32_t argument_count, Value* results, int32_t capacity, int32_t* count) {
  return guarded([&] {
    torch::jit::Stack stack;
    stack.reserve(argument_count);
    for (int32_t k = 0; k < argument_count; k++) stack.push_back(to_ivalue(arguments[k]));
    static_cast<c10::OperatorHandle*>(op)->callBoxed(&stack);
    if (static_cast<int32_t>(stack.size()) > capacity) throw std::runtime_error("more results than were asked for");
    *count = static_cast<int32_t>(stack.size());
    for (int32_t k = 0; k < *count; k++) results[k] = from_ivalue(stack[k]);
  });
}

// ---- Autograd ----

PT_EXPORT int pt_set_requires_grad(void* handle, int32_t on) {
  return guarded([&] { tensor(handle).set_requires_grad(on != 0); });
}
PT_EXPORT int32_t pt_requires_grad(void* handle) { return tensor(handle).requires_grad(); }

// The accumulated gradient, or null.
PT_EXPORT int pt_grad(void* handle, void** result) {
  return guarded([&] {
    const at::Tensor& grad = tensor(handle).grad();
    *result = grad.defined() ? give(grad) : nullptr;
  });
}

PT_EXPORT int pt_clear_grad(void* handle) {
  return guarded([&] { tensor(handle).mutable_grad().reset(); });
}

PT_EXPORT int pt_backward(void* handle, void* gradient) {
  return guarded([&] {
    std::vector<at::Tensor> seeds;
    if (gradient != nullptr) seeds.push_back(tensor(gradient));
    torch::autograd::backward({tensor(handle)}, seeds);
  });
}

PT_EXPORT int32_t pt_grad_enabled() { return c10::GradMode::is_enabled(); }
PT_EXPORT void pt_set_grad_enabled(int32_t on) { c10::GradMode::set_enabled(on != 0); }

// ---- Random state ----

PT_EXPORT int pt_manual_seed(uint64_t seed) {
  return guarded([&] { at::manual_seed(seed); });
}

// The whole state of a device's default generator, as a byte tensor.
PT_EXPORT int pt_generator_state(const char* device, void** result) {
  return guarded([&] {
    auto generator = at::globalContext().defaultGenerator(c10::Device(std::string(device)));
    std::lock_guard<std::mutex> lock(generator.mutex());
    *result = give(generator.get_state());
  });
}

PT_EXPORT int pt_set_generator_state(const char* device, void* state) {
  return guarded([&] {
    auto generator = at::globalContext().defaultGenerator(c10::Device(std::string(device)));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(tensor(state));
  });
}
