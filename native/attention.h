// Attention over the spans of a token forest and its gradients. Included by kernels.cpp.
//
// A path is the spans from a root to a span; its keys are those of its spans, one after the other. Keys and values of a tree are
// packed once a head into panels of kPanel keys, every span beginning a panel of its own, zeros behind its end; a block of queries
// multiplies with the panels of its path, so nothing of a shared prefix is copied for the spans that share it. The scores of a block are
// computed whole, and again in the backward pass, from the logarithm of their sum.
//
// P padded keys of a tree, D columns of a head, E = D rounded up to a register.

constexpr int64_t kBlock = 24;  // queries

template <typename C>
constexpr int64_t kPanel = 2 * kWidth<C>;

#if defined(__AVX512F__)
constexpr int kTile = 12;  // rows whose sums fit in registers, two registers each
#else
constexpr int kTile = 6;
#endif

inline int64_t up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }
inline int64_t at_least(int64_t a, int64_t b) { return a > b ? a : b; }
inline int64_t at_most(int64_t a, int64_t b) { return a < b ? a : b; }

// c [R, N registers] (+)= a [R, depth] · b [depth, N registers].
template <typename C, int R, int N>
inline void tile(int64_t depth, const C* a, int64_t a_row, int64_t a_step, const C* b, int64_t b_step, C* c, int64_t c_row, bool adds) {
  Vector<C> sums[R][N];
  for (int r = 0; r < R; r++)
    for (int n = 0; n < N; n++) sums[r][n] = adds ? load(c + r * c_row + n * kWidth<C>) : Vector<C>{};
  for (int64_t k = 0; k < depth; k++) {
    Vector<C> right[N];
    for (int n = 0; n < N; n++) right[n] = load(b + k * b_step + n * kWidth<C>);
    for (int r = 0; r < R; r++) {
      const C left = a[r * a_row + k * a_step];
      for (int n = 0; n < N; n++) sums[r][n] += left * right[n];
    }
  }
  for (int r = 0; r < R; r++)
    for (int n = 0; n < N; n++) store(c + r * c_row + n * kWidth<C>, sums[r][n]);
}

template <typename C, int N>
void strip(int64_t rows, int64_t depth, const C* a, int64_t a_row, int64_t a_step, const C* b, int64_t b_step, C* c, int64_t c_row, bool adds) {
  int64_t row = 0;
  for (; row + kTile <= rows; row += kTile) tile<C, kTile, N>(depth, a + row * a_row, a_row, a_step, b, b_step, c + row * c_row, c_row, adds);
  for (; row + 4 <= rows; row += 4) tile<C, 4, N>(depth, a + row * a_row, a_row, a_step, b, b_step, c + row * c_row, c_row, adds);
  for (; row < rows; row++) tile<C, 1, N>(depth, a + row * a_row, a_row, a_step, b, b_step, c + row * c_row, c_row, adds);
}

// c [rows, columns] (+)= a [rows, depth] · b [depth, columns], columns a multiple of a register.
template <typename C>
void product(int64_t rows, int64_t columns, int64_t depth, const C* a, int64_t a_row, int64_t a_step, const C* b, int64_t b_step, C* c, int64_t c_row, bool adds) {
  int64_t column = 0;
  for (; column + kPanel<C> <= columns; column += kPanel<C>) strip<C, 2>(rows, depth, a, a_row, a_step, b + column, b_step, c + column, c_row, adds);
  if (column < columns) strip<C, 1>(rows, depth, a, a_row, a_step, b + column, b_step, c + column, c_row, adds);
}

// A span of a path, as a block of queries sees it: of its padded keys, [first, last) are multiplied, and their scores stand from `column` on.
struct Segment {
  int64_t offset, length, depth, first, last, column;
};

template <typename C>
struct Scratch {
  C* memory;
  Segment* segments;
  int64_t* offsets;                  // of each span in its tree's padded keys
  C *keys, *values;                  // panels, [P, D]
  C *key_rows, *value_rows;          // [P, E]; values forward, keys backward
  C *grad_keys, *grad_values;        // [P, E]
  C *queries, *grads, *output;       // [kBlock, E]
  C *scores, *slopes;                // [kBlock, widest path]
  int64_t width, row;                // widest path, E
};

template <typename C>
Scratch<C> make_scratch(const AttentionShape& shape, bool backward) {
  Scratch<C> scratch{};
  int64_t padded = 0, widest = 0;
  scratch.segments = static_cast<Segment*>(__builtin_malloc(sizeof(Segment) * shape.span_count));
  scratch.offsets = static_cast<int64_t*>(__builtin_malloc(sizeof(int64_t) * shape.span_count));
  for (int64_t s = 0, in_tree = 0; s < shape.span_count; s++) {
    int64_t path = 0;
    for (int64_t above = s; above >= 0; above = shape.spans[above].parent) path += up(shape.spans[above].length, kPanel<C>);
    if (shape.spans[s].parent < 0) in_tree = 0;
    scratch.offsets[s] = in_tree;
    in_tree += up(shape.spans[s].length, kPanel<C>);
    padded = at_least(padded, in_tree);
    widest = at_least(widest, path);
  }
  scratch.width = widest;
  scratch.row = up(shape.size, kWidth<C>);
  const int64_t panels = padded * shape.size, rows = padded * scratch.row, block = kBlock * scratch.row, wide = kBlock * widest;
  C* next = scratch.memory = static_cast<C*>(__builtin_malloc(sizeof(C) * (2 * panels + 4 * rows + 3 * block + 2 * wide)));
  auto take = [&](int64_t count) { C* begin = next; next += count; return begin; };
  scratch.keys = take(panels);
  if (backward) {
    scratch.values = take(panels);
    scratch.key_rows = take(rows);
    scratch.grad_keys = take(rows);
    scratch.grad_values = take(rows);
    scratch.grads = take(block);
    scratch.slopes = take(wide);
  } else {
    scratch.value_rows = take(rows);
  }
  scratch.queries = take(block);
  scratch.output = take(block);
  scratch.scores = take(wide);
  return scratch;
}

template <typename C>
void free_scratch(Scratch<C>& scratch) {
  __builtin_free(scratch.memory);
  __builtin_free(scratch.segments);
  __builtin_free(scratch.offsets);
}

// `count` rows of D columns into panels, and into rows of E columns; either may be null.
template <typename T, typename C>
void pack(const T* from, int64_t stride, int64_t count, int64_t size, int64_t row_size, C* panels, C* rows) {
  for (int64_t k = 0; k < up(count, kPanel<C>); k++) {
    C* panel = panels == nullptr ? nullptr : panels + k / kPanel<C> * kPanel<C> * size + k % kPanel<C>;
    C* row = rows == nullptr ? nullptr : rows + k * row_size;
    for (int64_t d = 0; d < row_size; d += kWidth<C>) {
      const int64_t left = size - d;
      const Vector<C> value = k < count ? load_part(from + k * stride + d, left) : Vector<C>{};
      if (row != nullptr) store(row + d, value);
      for (int64_t lane = 0; panel != nullptr && lane < at_most(left, kWidth<C>); lane++) panel[(d + lane) * kPanel<C>] = value[lane];
    }
  }
}

struct Visible {
  int64_t low, high;  // positions
};

inline Visible visible(const AttentionShape& shape, int64_t position, int64_t end) {
  if (shape.causal) return {shape.window > 0 ? at_least(0, position - shape.window + 1) : 0, position + 1};
  return {shape.window > 0 ? at_least(0, position - shape.window / 2) : 0, shape.window > 0 ? at_most(end, position + shape.window / 2 + 1) : end};
}

// The path of a span for queries at positions [begin, end): its segments, from the root on; gives their number.
template <typename C>
int64_t lay_path(const AttentionShape& shape, const Scratch<C>& scratch, int64_t span, int64_t begin, int64_t end) {
  const int64_t path_end = shape.spans[span].depth + shape.spans[span].length;
  const int64_t low = visible(shape, begin, path_end).low, high = visible(shape, end - 1, path_end).high;
  int64_t count = 0;
  for (int64_t above = span; above >= 0; above = shape.spans[above].parent) count++;
  int64_t index = count;
  for (int64_t above = span; above >= 0; above = shape.spans[above].parent) {
    const Span& own = shape.spans[above];
    const int64_t first = at_least(0, low - own.depth) / kPanel<C> * kPanel<C>;
    const int64_t last = up(at_least(0, at_most(own.length, high - own.depth)), kPanel<C>);
    scratch.segments[--index] = {scratch.offsets[above], own.length, own.depth, at_most(first, last), last, 0};
  }
  for (int64_t k = 1; k < count; k++) {
    const Segment& before = scratch.segments[k - 1];
    scratch.segments[k].column = before.column + before.last - before.first;
  }
  return count;
}

// The scores of a block, capped, with −∞ where a query does not see a key.
template <typename C>
void score(const AttentionShape& shape, const Scratch<C>& scratch, int64_t segment_count, int64_t rows, int64_t position, int64_t path_end) {
  for (int64_t k = 0; k < segment_count; k++) {
    const Segment& segment = scratch.segments[k];
    for (int64_t key = segment.first; key < segment.last; key += kPanel<C>) {
      strip<C, 2>(rows, shape.size, scratch.queries, scratch.row, 1, scratch.keys + (segment.offset + key) * shape.size, kPanel<C>,
                  scratch.scores + segment.column + key - segment.first, scratch.width, false);
    }
    for (int64_t row = 0; row < rows; row++) {
      C* line = scratch.scores + row * scratch.width + segment.column - segment.first;
      if (shape.soft_cap != 0) {
        const C cap = static_cast<C>(shape.soft_cap);
        for (int64_t key = segment.first; key < segment.last; key += kWidth<C>) store(line + key, cap * hyperbolic_tangent(load(line + key) / cap));
      }
      const Visible seen = visible(shape, position + row, path_end);
      const int64_t low = at_least(segment.first, at_most(segment.last, seen.low - segment.depth));
      const int64_t high = at_least(low, at_most(segment.last, at_most(segment.length, seen.high - segment.depth)));
      for (int64_t key = segment.first; key < low; key++) line[key] = -__builtin_inf();
      for (int64_t key = high; key < segment.last; key++) line[key] = -__builtin_inf();
    }
  }
}

inline uint32_t mix(uint32_t x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ (x >> 16);
}

// Dropout of a row of weights: which are kept depends on seed, head, query and the key's position only, so that the backward pass finds the same.
template <typename C>
void drop(const AttentionShape& shape, const Scratch<C>& scratch, int64_t segment_count, uint32_t head, uint32_t token, C* line) {
  const uint32_t key_of_row = mix(mix(shape.seed + 0x9e3779b9u * head) + 0x85ebca6bu * token);
  const uint32_t limit = static_cast<uint32_t>(shape.dropout * 4294967296.0);
  const C scale = static_cast<C>(1 / (1 - shape.dropout));
  for (int64_t k = 0; k < segment_count; k++) {
    const Segment& segment = scratch.segments[k];
    for (int64_t key = segment.first; key < segment.last; key++) {
      const uint32_t draw = mix(key_of_row ^ (0x9e3779b9u * static_cast<uint32_t>(segment.depth + key)));
      C& value = line[segment.column - segment.first + key];
      value = draw < limit ? 0 : value * scale;
    }
  }
}

template <typename T, typename C>
void load_block(const T* from, int64_t stride, int64_t rows, int64_t size, int64_t row_size, C scale, C* to) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t d = 0; d < row_size; d += kWidth<C>) store(to + row * row_size + d, load_part(from + row * stride + d, size - d) * scale);
}

template <typename T, typename C>
void store_block(const C* from, int64_t rows, int64_t size, int64_t row_size, C scale, T* to, int64_t stride) {
  for (int64_t row = 0; row < rows; row++)
    for (int64_t d = 0; d < size; d += kWidth<C>) store_part(to + row * stride + d, load(from + row * row_size + d) * scale, size - d);
}
