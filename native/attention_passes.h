// The forward and backward pass of attention over the blocks of queries; what a block needs is in attention.h. Included by kernels.cpp.

// Calls body(scratch, span, first query, rows, segment count) for every block of queries of a tree.
template <typename C, typename Body>
void for_each_block(const AttentionShape& shape, const Scratch<C>& scratch, int64_t first_span, int64_t last_span, Body body) {
  for (int64_t s = first_span; s < last_span; s++) {
    const Span& span = shape.spans[s];
    for (int64_t begin = 0; begin < span.length; begin += kBlock) {
      const int64_t rows = at_most(kBlock, span.length - begin);
      body(s, begin, rows, lay_path(shape, scratch, s, span.depth + begin, span.depth + begin + rows));
    }
  }
}

// Calls body(first span, last span, key head) for every task in [begin, end); a task is a tree under a key head, all trees of a head behind each other.
template <typename Body>
void for_each_task(const int64_t* trees, int64_t tree_count, int64_t begin, int64_t end, Body body) {
  for (int64_t task = begin; task < end; task++) body(trees[task % tree_count], trees[task % tree_count + 1], task / tree_count);
}

template <typename T>
void attend(const AttentionShape& shape, const int64_t* trees, int64_t tree_count, int64_t begin_task, int64_t end_task, const T* queries, const T* keys, const T* values, T* out,
            typename Computed<T>::Type* log_sum) {
  using C = typename Computed<T>::Type;
  Scratch<C> scratch = make_scratch<C>(shape, false);
  const int64_t size = shape.size, group = shape.heads / shape.key_heads, out_stride = shape.heads * size;
  for_each_task(trees, tree_count, begin_task, end_task, [&](int64_t first_span, int64_t last_span, int64_t key_head) {
    for (int64_t s = first_span; s < last_span; s++) {
      const Span& span = shape.spans[s];
      pack(keys + span.start * shape.key_stride + key_head * size, shape.key_stride, span.length, size, scratch.row, scratch.keys + scratch.offsets[s] * size, static_cast<C*>(nullptr));
      pack(values + span.start * shape.value_stride + key_head * size, shape.value_stride, span.length, size, scratch.row, static_cast<C*>(nullptr), scratch.value_rows + scratch.offsets[s] * scratch.row);
    }
    for (int64_t head = key_head * group; head < (key_head + 1) * group; head++) {
      for_each_block(shape, scratch, first_span, last_span, [&](int64_t s, int64_t begin, int64_t rows, int64_t segment_count) {
        const Span& span = shape.spans[s];
        const int64_t token = span.start + begin;
        load_block(queries + token * shape.query_stride + head * size, shape.query_stride, rows, size, scratch.row, static_cast<C>(shape.scale), scratch.queries);
        score(shape, scratch, segment_count, rows, span.depth + begin, span.depth + span.length);
        const Segment& end = scratch.segments[segment_count - 1];
        const int64_t columns = end.column + end.last - end.first;
        C shares[kBlock];
        for (int64_t row = 0; row < rows; row++) {
          C* line = scratch.scores + row * scratch.width;
          Vector<C> highest = all(static_cast<C>(-__builtin_inf()));
          for (int64_t k = 0; k < columns; k += kWidth<C>) {
            const Vector<C> value = load(line + k);
            highest = value > highest ? value : highest;
          }
          C peak = highest[0];
          for (int k = 1; k < kWidth<C>; k++) peak = highest[k] > peak ? highest[k] : peak;
          Vector<C> total = {};
          for (int64_t k = 0; k < columns; k += kWidth<C>) {
            const Vector<C> weight = exponential(load(line + k) - peak);
            total += weight;
            store(line + k, weight);
          }
          const C all_of_them = sum<C>(total);
          shares[row] = 1 / all_of_them;
          log_sum[head * shape.tokens + token + row] = peak + static_cast<C>(__builtin_log(all_of_them));
          if (shape.dropout > 0) drop(shape, scratch, segment_count, head, token + row, line);
        }
        for (int64_t k = 0, adds = 0; k < segment_count; k++) {
          const Segment& segment = scratch.segments[k];
          if (segment.first == segment.last) continue;
          product(rows, scratch.row, segment.last - segment.first, scratch.scores + segment.column, scratch.width, 1,
                  scratch.value_rows + (segment.offset + segment.first) * scratch.row, scratch.row, scratch.output, scratch.row, adds++ > 0);
        }
        for (int64_t row = 0; row < rows; row++)
          store_block(scratch.output + row * scratch.row, 1, size, scratch.row, shares[row], out + (token + row) * out_stride + head * size, out_stride);
      });
    }
  });
  free_scratch(scratch);
}

template <typename T>
void attend_backward(const AttentionShape& shape, const int64_t* trees, int64_t tree_count, int64_t begin_task, int64_t end_task, const T* queries, const T* keys, const T* values, const T* out,
                     const typename Computed<T>::Type* log_sum, const T* grad_out, T* grad_queries, T* grad_keys, T* grad_values) {
  using C = typename Computed<T>::Type;
  Scratch<C> scratch = make_scratch<C>(shape, true);
  const int64_t size = shape.size, group = shape.heads / shape.key_heads, out_stride = shape.heads * size, key_out_stride = shape.key_heads * size, wide = scratch.row;
  for_each_task(trees, tree_count, begin_task, end_task, [&](int64_t first_span, int64_t last_span, int64_t key_head) {
    for (int64_t s = first_span; s < last_span; s++) {
      const Span& span = shape.spans[s];
      const int64_t offset = scratch.offsets[s];
      pack(keys + span.start * shape.key_stride + key_head * size, shape.key_stride, span.length, size, wide, scratch.keys + offset * size, scratch.key_rows + offset * wide);
      pack(values + span.start * shape.value_stride + key_head * size, shape.value_stride, span.length, size, wide, scratch.values + offset * size, static_cast<C*>(nullptr));
      const int64_t count = up(span.length, kPanel<C>) * wide;
      __builtin_memset(scratch.grad_keys + offset * wide, 0, sizeof(C) * count);
      __builtin_memset(scratch.grad_values + offset * wide, 0, sizeof(C) * count);
    }
    for (int64_t head = key_head * group; head < (key_head + 1) * group; head++) {
      for_each_block(shape, scratch, first_span, last_span, [&](int64_t s, int64_t begin, int64_t rows, int64_t segment_count) {
        const Span& span = shape.spans[s];
        const int64_t token = span.start + begin;
        load_block(queries + token * shape.query_stride + head * size, shape.query_stride, rows, size, wide, static_cast<C>(shape.scale), scratch.queries);
        load_block(grad_out + token * out_stride + head * size, out_stride, rows, size, wide, static_cast<C>(1), scratch.grads);
        score(shape, scratch, segment_count, rows, span.depth + begin, span.depth + span.length);
        for (int64_t k = 0; k < segment_count; k++) {
          const Segment& segment = scratch.segments[k];
          for (int64_t key = segment.first; key < segment.last; key += kPanel<C>) {
            strip<C, 2>(rows, size, scratch.grads, wide, 1, scratch.values + (segment.offset + key) * size, kPanel<C>, scratch.slopes + segment.column + key - segment.first, scratch.width, false);
          }
        }
        const Segment& end = scratch.segments[segment_count - 1];
        const int64_t columns = end.column + end.last - end.first;
        for (int64_t row = 0; row < rows; row++) {
          C* line = scratch.scores + row * scratch.width;
          C* slope = scratch.slopes + row * scratch.width;
          Vector<C> products = {};
          for (int64_t d = 0; d < size; d += kWidth<C>) {
            products += load_part(out + (token + row) * out_stride + head * size + d, size - d) * load(scratch.grads + row * wide + d);
          }
          const C forgone = sum<C>(products), log_of_sum = log_sum[head * shape.tokens + token + row];
          if (shape.dropout > 0) drop(shape, scratch, segment_count, head, token + row, slope);
          const C cap = static_cast<C>(shape.soft_cap);
          for (int64_t k = 0; k < columns; k += kWidth<C>) {
            const Vector<C> value = load(line + k), weight = exponential(value - log_of_sum);
            Vector<C> g = weight * (load(slope + k) - forgone);
            // −∞ · 0 where a key is not seen would be NaN.
            if (cap != 0) g = weight > 0 ? g * (static_cast<C>(1) - value / cap * (value / cap)) : Vector<C>{};
            store(slope + k, g);
            store(line + k, weight);
          }
          if (shape.dropout > 0) drop(shape, scratch, segment_count, head, token + row, line);
        }
        for (int64_t k = 0, adds = 0; k < segment_count; k++) {
          const Segment& segment = scratch.segments[k];
          const int64_t count = segment.last - segment.first, offset = (segment.offset + segment.first) * wide;
          if (count == 0) continue;
          product(rows, wide, count, scratch.slopes + segment.column, scratch.width, 1, scratch.key_rows + offset, wide, scratch.output, wide, adds++ > 0);
          product(count, wide, rows, scratch.slopes + segment.column, 1, scratch.width, scratch.queries, wide, scratch.grad_keys + offset, wide, true);
          product(count, wide, rows, scratch.scores + segment.column, 1, scratch.width, scratch.grads, wide, scratch.grad_values + offset, wide, true);
        }
        store_block(scratch.output, rows, size, wide, static_cast<C>(shape.scale), grad_queries + token * out_stride + head * size, out_stride);
      });
    }
    for (int64_t s = first_span; s < last_span; s++) {
      const Span& span = shape.spans[s];
      const int64_t offset = scratch.offsets[s] * wide, place = span.start * key_out_stride + key_head * size;
      store_block(scratch.grad_keys + offset, span.length, size, wide, static_cast<C>(1), grad_keys + place, key_out_stride);
      store_block(scratch.grad_values + offset, span.length, size, wide, static_cast<C>(1), grad_values + place, key_out_stride);
    }
  });
  free_scratch(scratch);
}
