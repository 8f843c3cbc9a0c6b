// What every file of the C ABI shares: how a tensor becomes a handle, and how an exception becomes a message.
#pragma once

#include <ATen/ATen.h>

#include <string>

#define PT_EXPORT extern "C" __attribute__((visibility("default")))

namespace prefer {

// Of pt_last_error, per thread.
extern thread_local std::string last_error;

inline at::Tensor& tensor(void* handle) { return *static_cast<at::Tensor*>(handle); }

// A new handle, which pt_tensor_free frees; counted in pt_live_tensors.
void* give(at::Tensor value);

// 0, or 1 after storing the message.
template <typename F>
int guarded(F&& body) {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    last_error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    last_error = error.what();
  }
  return 1;
}

}  // namespace prefer
