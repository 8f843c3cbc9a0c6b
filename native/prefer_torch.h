// What the parts of the C ABI share: handles of tensors, and how an exception becomes a status and a message.

#pragma once

#include <ATen/ATen.h>

#include <stdexcept>
#include <string>

#define PT_EXPORT extern "C" __attribute__((visibility("default")))

inline at::Tensor& tensor(void* handle) { return *static_cast<at::Tensor*>(handle); }

// A handle that counts as a live tensor until pt_tensor_free.
void* give(at::Tensor value);

void store_error(std::string message);

// 0, or 1 after storing the message for pt_last_error.
template <typename F>
int guarded(F&& body) {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    store_error(error.what_without_backtrace());
  } catch (const std::exception& error) {
    store_error(error.what());
  }
  return 1;
}
