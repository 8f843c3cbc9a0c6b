// Attention over the spans of a token forest as an operator with gradients, on the CPU.

#include "ops.h"

namespace prefer {
namespace {

// The spans, and the trees they make: tree k is the spans [trees[k], trees[k + 1]).
struct Forest {
  std::vector<Span> spans;
  std::vector<int64_t> trees;
};

Forest forest_of(const Tensor& rows) {
  Forest forest;
  const auto* row = rows.data_ptr<int64_t>();
  for (int64_t k = 0; k < rows.size(0); k++, row += 4) {
    if (row[2] < 0) forest.trees.push_back(k);
    forest.spans.push_back({row[0], row[1], row[2], row[3]});
  }
  forest.trees.push_back(rows.size(0));
  return forest;
}

Tensor with_dense_heads(const Tensor& x) { return x.stride(2) == 1 && x.stride(1) == x.size(2) ? x : x.contiguous(); }

struct Settings {
  double scale;
  bool causal;
  int64_t window;
  double soft_cap, dropout;
  int64_t seed;
};

AttentionShape shape_of(const Forest& forest, const Tensor& queries, const Tensor& keys, const Tensor& values, const Settings& settings) {
  return {forest.spans.data(), static_cast<int64_t>(forest.spans.size()), queries.size(0), queries.size(1), keys.size(1), queries.size(2),
          queries.stride(0), keys.stride(0), values.stride(0), settings.causal, settings.window, settings.scale, settings.soft_cap, settings.dropout, static_cast<uint32_t>(settings.seed)};
}

struct Attention : Function<Attention> {
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& spans, double scale, bool causal, int64_t window, double soft_cap, double dropout, int64_t seed) {
    const Tensor queries = with_dense_heads(q), keys = with_dense_heads(k), values = with_dense_heads(v);
    const Forest forest = forest_of(spans);
    const AttentionShape shape = shape_of(forest, queries, keys, values, {scale, causal, window, soft_cap, dropout, seed});
    const Tensor out = at::empty({shape.tokens, shape.heads * shape.size}, queries.options());
    const Tensor log_sum = at::empty({shape.heads, shape.tokens}, queries.options().dtype(computed(queries)));
    const int64_t tree_count = static_cast<int64_t>(forest.trees.size()) - 1;
    with_type(queries, [&](auto zero) {
      using T = decltype(zero);
      using C = typename Table<T>::C;
      at::parallel_for(0, tree_count * shape.key_heads, 1, [&](int64_t begin, int64_t end) {
        table<T>(kernels()).attend(shape, forest.trees.data(), tree_count, begin, end, data<T>(queries), data<T>(keys), data<T>(values), data<T>(out), data<C>(log_sum));
      });
    });
    context->save_for_backward({queries, keys, values, spans, out, log_sum});
    context->saved_data["scale"] = scale;
    context->saved_data["causal"] = causal;
    context->saved_data["window"] = window;
    context->saved_data["soft_cap"] = soft_cap;
    context->saved_data["dropout"] = dropout;
    context->saved_data["seed"] = seed;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &queries = saved[0], &keys = saved[1], &values = saved[2], &out = saved[4], &log_sum = saved[5];
    const Forest forest = forest_of(saved[3]);
    auto& data_of = context->saved_data;
    const AttentionShape shape = shape_of(forest, queries, keys, values, {data_of["scale"].toDouble(), data_of["causal"].toBool(), data_of["window"].toInt(), data_of["soft_cap"].toDouble(), data_of["dropout"].toDouble(), data_of["seed"].toInt()});
    const Tensor grad = grads[0].contiguous();
    const Tensor grad_queries = at::empty(queries.sizes(), queries.options()), grad_keys = at::empty(keys.sizes(), keys.options()), grad_values = at::empty(values.sizes(), values.options());
    const int64_t tree_count = static_cast<int64_t>(forest.trees.size()) - 1;
    with_type(queries, [&](auto zero) {
      using T = decltype(zero);
      using C = typename Table<T>::C;
      at::parallel_for(0, tree_count * shape.key_heads, 1, [&](int64_t begin, int64_t end) {
        table<T>(kernels()).attend_backward(shape, forest.trees.data(), tree_count, begin, end, data<T>(queries), data<T>(keys), data<T>(values), data<T>(out), data<C>(log_sum), data<T>(grad),
                                            data<T>(grad_queries), data<T>(grad_keys), data<T>(grad_values));
      });
    });
    return {grad_queries, grad_keys, grad_values, Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

// queries [T, H, D], keys and values [T, K, D], spans int64 [S, 4] (start, length, parent or -1, depth): [T, H·D].
Tensor forest_attention(const Tensor& queries, const Tensor& keys, const Tensor& values, const Tensor& spans, double scale, bool causal, int64_t window, double soft_cap, double dropout, int64_t seed) {
  TORCH_CHECK(queries.dim() == 3 && keys.dim() == 3 && keys.sizes() == values.sizes() && keys.size(0) == queries.size(0) && keys.size(2) == queries.size(2) && queries.size(1) % keys.size(1) == 0,
              "queries, keys and values that do not fit each other");
  TORCH_CHECK(keys.scalar_type() == queries.scalar_type() && values.scalar_type() == queries.scalar_type(), "queries, keys and values of different types");
  TORCH_CHECK(spans.is_cpu() && spans.scalar_type() == at::kLong && spans.dim() == 2 && spans.size(1) == 4 && spans.is_contiguous(), "spans that are no int64 [S, 4] on the CPU");
  TORCH_CHECK(has_kernels(queries), "forest attention has kernels for float, double and bf16 on the CPU");
  return Attention::apply(queries, keys, values, spans, scale, causal, window, soft_cap, dropout, seed);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(prefer, library) {
  library.def("forest_attention(Tensor queries, Tensor keys, Tensor values, Tensor spans, float scale, bool causal, int window, float soft_cap, float dropout, int seed) -> Tensor", forest_attention);
}

}  // namespace prefer
