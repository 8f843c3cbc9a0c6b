// Norms, gates and rotations: one pass over the rows each. Included by kernels.cpp.

// A register of x, or of x + branch, which goes to sums. What is normalised is what was stored: in bf16 the sum is rounded once for both.
template <typename T>
inline Vector<typename Computed<T>::Type> add_branch(const T* x, const T* branch, T* sums, int64_t left) {
  if (branch == nullptr) return load_part(x, left);
  store_part(sums, load_part(x, left) + load_part(branch, left), left);
  return load_part(sums, left);
}

template <typename T>
void rms_norm(Rows rows, const T* x, const T* branch, const typename Computed<T>::Type* weight, double epsilon, bool adds_one, T* sums, T* out,
              typename Computed<T>::Type* roots) {
  using C = typename Computed<T>::Type;
  const int64_t size = rows.size;
  const C one = adds_one ? 1 : 0;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    const T* in = x + row * size;
    Vector<C> squares = {};
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      const Vector<C> value = add_branch(in + k, branch == nullptr ? nullptr : branch + row * size + k, sums + row * size + k, size - k);
      squares += value * value;
    }
    const C scale = 1 / root(static_cast<C>(sum<C>(squares) / size + epsilon));
    roots[row] = scale;
    in = branch != nullptr ? sums + row * size : in;
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      store_part(out + row * size + k, load_part(in + k, size - k) * scale * (load_part(weight + k, size - k) + one), size - k);
    }
  }
}

template <typename T>
void rms_norm_backward(Rows rows, const T* sums, const typename Computed<T>::Type* weight, bool adds_one, const typename Computed<T>::Type* roots, const T* grad_out, const T* grad_sum,
                       T* grad_x, typename Computed<T>::Type* grad_weight) {
  using C = typename Computed<T>::Type;
  const int64_t size = rows.size;
  const C one = adds_one ? 1 : 0;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    const T* in = sums + row * size;
    const T* grad = grad_out + row * size;
    const C scale = roots[row];
    Vector<C> products = {};
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      const Vector<C> value = load_part(in + k, size - k) * scale;
      const Vector<C> g = load_part(grad + k, size - k);
      products += value * g * (load_part(weight + k, size - k) + one);
      store_part(grad_weight + k, load_part(grad_weight + k, size - k) + value * g, size - k);
    }
    const C mean = sum<C>(products) / size;
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      const Vector<C> value = load_part(in + k, size - k) * scale;
      Vector<C> g = scale * (load_part(grad + k, size - k) * (load_part(weight + k, size - k) + one) - value * mean);
      if (grad_sum != nullptr) g += load_part(grad_sum + row * size + k, size - k);
      store_part(grad_x + row * size + k, g, size - k);
    }
  }
}

template <typename T>
void layer_norm(Rows rows, const T* x, const T* branch, const typename Computed<T>::Type* weight, const typename Computed<T>::Type* bias, double epsilon, T* sums, T* out,
                typename Computed<T>::Type* means, typename Computed<T>::Type* roots) {
  using C = typename Computed<T>::Type;
  const int64_t size = rows.size;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    const T* in = x + row * size;
    Vector<C> total = {};
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      total += add_branch(in + k, branch == nullptr ? nullptr : branch + row * size + k, sums + row * size + k, size - k);
    }
    in = branch != nullptr ? sums + row * size : in;
    const C mean = sum<C>(total) / size;
    Vector<C> squares = {};
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      // Columns beyond the last are 0 and would count as −mean.
      const Vector<C> off = load_part(in + k, size - k) - (size - k >= kWidth<C> ? all(mean) : first_columns<C>(mean, size - k));
      squares += off * off;
    }
    const C scale = 1 / root(static_cast<C>(sum<C>(squares) / size + epsilon));
    means[row] = mean;
    roots[row] = scale;
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      Vector<C> value = (load_part(in + k, size - k) - mean) * scale;
      if (weight != nullptr) value *= load_part(weight + k, size - k);
      if (bias != nullptr) value += load_part(bias + k, size - k);
      store_part(out + row * size + k, value, size - k);
    }
  }
}

template <typename T>
void layer_norm_backward(Rows rows, const T* sums, const typename Computed<T>::Type* weight, const typename Computed<T>::Type* means, const typename Computed<T>::Type* roots,
                         const T* grad_out, const T* grad_sum, T* grad_x, typename Computed<T>::Type* grad_weight, typename Computed<T>::Type* grad_bias) {
  using C = typename Computed<T>::Type;
  const int64_t size = rows.size;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    const T* in = sums + row * size;
    const T* grad = grad_out + row * size;
    const C scale = roots[row], mean = means[row];
    Vector<C> products = {}, totals = {};
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      const Vector<C> value = (load_part(in + k, size - k) - mean) * scale;
      const Vector<C> g = load_part(grad + k, size - k);
      const Vector<C> weighted = weight != nullptr ? g * load_part(weight + k, size - k) : g;
      products += value * weighted;
      totals += weighted;
      if (weight != nullptr) store_part(grad_weight + k, load_part(grad_weight + k, size - k) + value * g, size - k);
      if (grad_bias != nullptr) store_part(grad_bias + k, load_part(grad_bias + k, size - k) + g, size - k);
    }
    const C product = sum<C>(products) / size, total = sum<C>(totals) / size;
    for (int64_t k = 0; k < size; k += kWidth<C>) {
      const Vector<C> value = (load_part(in + k, size - k) - mean) * scale;
      Vector<C> g = load_part(grad + k, size - k);
      if (weight != nullptr) g *= load_part(weight + k, size - k);
      g = scale * (g - total - value * product);
      if (grad_sum != nullptr) g += load_part(grad_sum + row * size + k, size - k);
      store_part(grad_x + row * size + k, g, size - k);
    }
  }
}

constexpr double kTanhSlope = 0.79788456080286535588;  // √(2/π)
constexpr double kTanhCubic = 0.044715;

// f(x) and its derivative.
template <typename C>
inline void activate(Activation function, Vector<C> x, Vector<C>& value, Vector<C>& slope) {
  if (function == Activation::kGelu) {
    Vector<C> cumulative, density;
    normal(x, cumulative, density);
    value = x * cumulative;
    slope = cumulative + x * density;
    return;
  }
  // Both others are x·σ(u): SiLU with u = x, and the tanh form of GELU with u = 2·√(2/π)·(x + 0.044715·x³), since (1 + tanh(u/2))/2 = σ(u).
  const bool is_silu = function == Activation::kSilu;
  const C slope_of_u = static_cast<C>(2 * kTanhSlope);
  const Vector<C> u = is_silu ? x : slope_of_u * (x + static_cast<C>(kTanhCubic) * x * x * x);
  const Vector<C> sigmoid = static_cast<C>(1) / (static_cast<C>(1) + exponential(-u));
  const Vector<C> inner = is_silu ? all(static_cast<C>(1)) : slope_of_u * (static_cast<C>(1) + static_cast<C>(3 * kTanhCubic) * x * x);
  value = x * sigmoid;
  slope = sigmoid + value * (static_cast<C>(1) - sigmoid) * inner;
}

template <typename T>
void gated(Rows rows, Activation function, const T* gate, const T* up, int64_t stride, T* out) {
  using C = typename Computed<T>::Type;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    for (int64_t k = 0; k < rows.size; k += kWidth<C>) {
      const int64_t left = rows.size - k;
      Vector<C> value, slope;
      activate<C>(function, load_part(gate + row * stride + k, left), value, slope);
      if (up != nullptr) value *= load_part(up + row * stride + k, left);
      store_part(out + row * rows.size + k, value, left);
    }
  }
}

template <typename T>
void gated_backward(Rows rows, Activation function, const T* gate, const T* up, int64_t stride, const T* grad_out, T* grad_gate, T* grad_up, int64_t grad_stride) {
  using C = typename Computed<T>::Type;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    for (int64_t k = 0; k < rows.size; k += kWidth<C>) {
      const int64_t left = rows.size - k;
      Vector<C> value, slope;
      activate<C>(function, load_part(gate + row * stride + k, left), value, slope);
      const Vector<C> grad = load_part(grad_out + row * rows.size + k, left);
      if (up != nullptr) {
        store_part(grad_up + row * grad_stride + k, grad * value, left);
        slope *= load_part(up + row * stride + k, left);
      }
      store_part(grad_gate + row * grad_stride + k, grad * slope, left);
    }
  }
}

template <typename T>
void rotate(Rows rows, const T* x, int64_t stride, int64_t heads, int64_t turned, const typename Computed<T>::Type* cosine, const typename Computed<T>::Type* sine,
            typename Computed<T>::Type direction, T* out) {
  using C = typename Computed<T>::Type;
  const int64_t half = turned / 2, size = rows.size / heads;
  for (int64_t row = rows.begin; row < rows.end; row++) {
    const C* c = cosine + row * half;
    const C* s = sine + row * half;
    for (int64_t head = 0; head < heads; head++) {
      const T* in = x + row * stride + head * size;
      T* to = out + row * rows.size + head * size;
      for (int64_t k = 0; k < half; k += kWidth<C>) {
        const int64_t left = half - k;
        const Vector<C> a = load_part(in + k, left), b = load_part(in + half + k, left), cos = load_part(c + k, left), sin = direction * load_part(s + k, left);
        store_part(to + k, a * cos - b * sin, left);
        store_part(to + half + k, b * cos + a * sin, left);
      }
      for (int64_t k = turned; k < size; k++) to[k] = in[k];
    }
  }
}
