// Files as memory: tensors over a mapped file. Pages come from the disk when they are first touched, belong to the system's
// file cache and so to every process that maps the file, and are copied one by one where they are written (MAP_PRIVATE): the
// file stays as it is. The mapping lives as long as any tensor over it. Left out on purpose: the format of the file.

#include "prefer_torch.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

class Mapping {
 public:
  // Without reserve: a file larger than the memory can be mapped, since few of its pages, or none, are ever written.
  Mapping(int descriptor, size_t length)
      : start_(mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor, 0)), length_(length) {
    if (start_ == MAP_FAILED) throw std::runtime_error(std::strerror(errno));
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(start_, length_); }

  // Whole pages within; those at the edges may be a neighbour's too.
  void forget(size_t offset, size_t bytes) {
    const size_t page = sysconf(_SC_PAGESIZE);
    const size_t first = (offset + page - 1) / page * page;
    const size_t end = (offset + bytes) / page * page;
    if (first < end) madvise(start() + first, end - first, MADV_DONTNEED);
  }

  char* start() const { return static_cast<char*>(start_); }
  size_t length() const { return length_; }

 private:
  void* start_;
  size_t length_;
};

using Owner = std::shared_ptr<Mapping>;

}  // namespace

// Maps the first `length` bytes of an open file, which may be closed afterwards.
PT_EXPORT int pt_mapping_open(int32_t descriptor, int64_t length, void** result) {
  return guarded([&] { *result = new Owner(std::make_shared<Mapping>(descriptor, static_cast<size_t>(length))); });
}

// Tensors over the mapping keep it.
PT_EXPORT void pt_mapping_free(void* mapping) { delete static_cast<Owner*>(mapping); }

PT_EXPORT void* pt_mapping_data(void* mapping) { return (*static_cast<Owner*>(mapping))->start(); }

// Lets the process's hold on pages go, and what was written to them; they are read again when they are touched.
PT_EXPORT void pt_mapping_forget(void* mapping, int64_t offset, int64_t bytes) {
  (*static_cast<Owner*>(mapping))->forget(static_cast<size_t>(offset), static_cast<size_t>(bytes));
}

// The bytes from `offset` on as a tensor. Elements must lie at multiples of their size.
PT_EXPORT int pt_mapping_tensor(void* mapping, int64_t offset, const int64_t* sizes, int32_t rank, int32_t dtype, void** result) {
  return guarded([&] {
    Owner owner = *static_cast<Owner*>(mapping);
    const at::IntArrayRef shape(sizes, rank);
    const auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    const auto element = static_cast<int64_t>(options.dtype().itemsize());
    const int64_t bytes = c10::multiply_integers(shape) * element;
    if (offset < 0 || offset % element != 0 || bytes > static_cast<int64_t>(owner->length()) - offset) {
      throw std::runtime_error("bytes " + std::to_string(offset) + " to " + std::to_string(offset + bytes) + " of " + std::to_string(owner->length()) +
                               " do not hold elements of " + std::to_string(element));
    }
    char* data = owner->start() + offset;
    *result = give(at::from_blob(data, shape, [owner](void*) {}, options));
  });
}
