// The allocator of tensors in host memory: counts the bytes that live and their peak, and keeps what large tensors leave, so
// that a training step does not pay a page fault for every 4 KiB of every activation. Small tensors are malloc's. Left out on
// purpose: the memory of other devices, and what BLAS and oneDNN take for themselves.
//
// A heap is a few mappings, each a chain of blocks without gaps. A free block is taken by best fit, split, and merged with
// its free neighbours when it comes back. PREFER_ALLOCATOR=system leaves the counting and gives large tensors to malloc too.

#include <c10/core/CPUAllocator.h>
#include <c10/util/Exception.h>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>

#define PT_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr size_t kAlignment = 64;         // bytes: a cache line, and what libtorch promises its kernels
constexpr size_t kLarge = 64 << 10;       // bytes from which a tensor is the heap's; malloc is quicker below
constexpr size_t kSmallestRest = 4 << 10; // bytes; a smaller rest of a split stays with the block
constexpr size_t kHugePage = 2 << 20;
constexpr size_t kFirstMapping = 32 << 20;
constexpr size_t kIdleShare = 8;  // used and idle pages together stay within 1 + 1/8 of the most that was used

size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

struct Block {
  char* start;
  size_t size;
  size_t touched;  // bytes from the start that may hold pages; what is behind never had any, or gave them back
  bool is_free;
  Block* before;
  Block* after;
};

// Stands in the 64 bytes before a tensor's data.
struct Header {
  Block* block;  // null where the memory is malloc's
  size_t bytes;  // as they were asked for
};
static_assert(sizeof(Header) <= kAlignment, "the header must not move the data from its alignment");

std::atomic<int64_t> live_bytes{0};
std::atomic<int64_t> peak_bytes{0};

void count(int64_t bytes) {
  const int64_t now = live_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  int64_t peak = peak_bytes.load(std::memory_order_relaxed);
  while (now > peak && !peak_bytes.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

class Heap {
 public:
  Block* take(size_t bytes) {
    const size_t size = round_up(bytes, kAlignment);
    std::lock_guard<std::mutex> lock(mutex_);
    Block sought{nullptr, size, 0, true, nullptr, nullptr};
    auto found = free_.lower_bound(&sought);
    Block* block = found != free_.end() ? *found : map(size);
    if (block == nullptr) return nullptr;
    free_.erase(block);
    idle_ -= block->touched;
    split(block, size);
    block->is_free = false;
    used_ += block->size;
    most_used_ = std::max(most_used_, used_);
    stay_within_bound();
    return block;
  }

  void put(Block* block) {
    std::lock_guard<std::mutex> lock(mutex_);
    used_ -= block->size;
    idle_ += block->size;
    block->touched = block->size;
    block->is_free = true;
    if (block->before != nullptr && block->before->is_free) block = merge(block->before, block);
    if (block->after != nullptr && block->after->is_free) merge(block, block->after);
    free_.insert(block);
    stay_within_bound();
  }

  void give_back() {
    std::lock_guard<std::mutex> lock(mutex_);
    give_back_down_to(0);
    most_used_ = used_;
  }

  size_t idle() {
    std::lock_guard<std::mutex> lock(mutex_);
    return idle_;
  }

 private:
  struct BySize {
    bool operator()(const Block* left, const Block* right) const {
      return left->size != right->size ? left->size < right->size : left->start < right->start;
    }
  };

  // Each mapping is at least a quarter of all before it, so there are few, and few borders that nothing merges across.
  Block* map(size_t size) {
    const size_t length = round_up(std::max({size, mapped_ / 4, kFirstMapping}), kHugePage);
    void* memory = mmap(nullptr, length + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    char* start = reinterpret_cast<char*>(round_up(reinterpret_cast<size_t>(memory), kHugePage));
    const size_t lead = start - static_cast<char*>(memory);
    if (lead > 0) munmap(memory, lead);
    if (lead < kHugePage) munmap(start + length, kHugePage - lead);
    madvise(start, length, MADV_HUGEPAGE);  // advice: a kernel without huge pages refuses it, and nothing is lost
    mapped_ += length;
    auto* block = new Block{start, length, 0, true, nullptr, nullptr};
    free_.insert(block);
    return block;
  }

  // Cuts the block to size; what is behind becomes a free block.
  void split(Block* block, size_t size) {
    if (block->size - size < kSmallestRest) return;
    const size_t touched = block->touched > size ? block->touched - size : 0;
    auto* rest = new Block{block->start + size, block->size - size, touched, true, block, block->after};
    if (block->after != nullptr) block->after->before = rest;
    block->after = rest;
    block->size = size;
    block->touched = std::min(block->touched, size);
    free_.insert(rest);
    idle_ += rest->touched;
  }

  // Adds the second of two free neighbours to the first, of which the one that is in the free list leaves it.
  Block* merge(Block* first, Block* second) {
    free_.erase(first);
    free_.erase(second);
    if (second->touched > 0) {
      idle_ += first->size - first->touched;
      first->touched = first->size + second->touched;
    }
    first->size += second->size;
    first->after = second->after;
    if (first->after != nullptr) first->after->before = first;
    delete second;
    return first;
  }

  void stay_within_bound() { give_back_down_to(most_used_ + most_used_ / kIdleShare - used_); }

  // Returns the pages of free blocks, the largest first, until no more idle bytes than allowed are left.
  void give_back_down_to(size_t allowed) {
    static const size_t page = sysconf(_SC_PAGESIZE);
    for (auto next = free_.rbegin(); idle_ > allowed && next != free_.rend(); ++next) {
      Block* block = *next;
      if (block->touched == 0) continue;
      const size_t first = round_up(reinterpret_cast<size_t>(block->start), page);
      const size_t end = (reinterpret_cast<size_t>(block->start) + block->touched) / page * page;
      if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
      idle_ -= block->touched;
      block->touched = 0;
    }
  }

  std::mutex mutex_;
  std::set<Block*, BySize> free_;
  size_t used_ = 0;
  size_t most_used_ = 0;
  size_t idle_ = 0;  // bytes of free blocks that may hold pages
  size_t mapped_ = 0;
};

// Never freed: tensors of static storage come back after everything else is gone.
Heap& heap() {
  static Heap* const instance = new Heap();
  return *instance;
}

bool reuses() {
  static const bool answer = [] {
    const char* asked = std::getenv("PREFER_ALLOCATOR");
    return asked == nullptr || std::strcmp(asked, "system") != 0;
  }();
  return answer;
}

void release(void* data) {
  if (data == nullptr) return;
  char* start = static_cast<char*>(data) - kAlignment;
  const Header header = *reinterpret_cast<Header*>(start);
  count(-static_cast<int64_t>(header.bytes));
  if (header.block != nullptr) {
    heap().put(header.block);
  } else {
    std::free(start);
  }
}

void* acquire(size_t bytes) {
  if (bytes == 0) return nullptr;
  Block* block = nullptr;
  void* start = nullptr;
  if (bytes >= kLarge && reuses()) {
    block = heap().take(bytes + kAlignment);
    start = block == nullptr ? nullptr : block->start;
  } else if (posix_memalign(&start, kAlignment, bytes + kAlignment) != 0) {
    start = nullptr;
  }
  TORCH_CHECK(start != nullptr, "not enough memory: ", bytes, " bytes were asked for, beside ", live_bytes.load(), " that tensors hold");
  *static_cast<Header*>(start) = Header{block, bytes};
  count(static_cast<int64_t>(bytes));
  return static_cast<char*>(start) + kAlignment;
}

// Without `override`: libtorch 1.13 declares allocate const, later ones do not, and copy_data came between. The overload that
// the libtorch at hand declares is the one that overrides.
class TensorAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) const { return make(bytes); }
  c10::DataPtr allocate(size_t bytes) { return make(bytes); }
  void copy_data(void* to, const void* from, size_t bytes) const { std::memcpy(to, from, bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }

 private:
  static c10::DataPtr make(size_t bytes) {
    void* data = acquire(bytes);
    return {data, data, &release, c10::Device(c10::DeviceType::CPU)};
  }
};

// When this library is loaded, before any tensor is made. libtorch's own allocator has priority 0.
const bool is_installed = [] {
  c10::SetCPUAllocator(new TensorAllocator(), 1);
  return true;
}();

}  // namespace

// Bytes that tensors in host memory hold now, and the most since the last reset.
PT_EXPORT int64_t pt_allocated_bytes() { return live_bytes.load(std::memory_order_relaxed); }
PT_EXPORT int64_t pt_peak_allocated_bytes() { return peak_bytes.load(std::memory_order_relaxed); }
PT_EXPORT void pt_reset_peak_allocated_bytes() { peak_bytes.store(live_bytes.load(std::memory_order_relaxed), std::memory_order_relaxed); }

// Bytes kept for tensors to come.
PT_EXPORT int64_t pt_idle_bytes() { return static_cast<int64_t>(heap().idle()); }
PT_EXPORT void pt_release_idle() { heap().give_back(); }
