// Vectors of one register and the functions over them that kernels need. Included by kernels.cpp only, once for each set of
// instructions, inside a namespace of its own: nothing here may be shared between them, so nothing of the standard library is used
// but what is a builtin.

// Bytes of a register.
#if defined(__AVX512F__)
constexpr int kBytes = 64;
#else
constexpr int kBytes = 32;
#endif

typedef float FloatVector __attribute__((vector_size(kBytes)));
typedef double DoubleVector __attribute__((vector_size(kBytes)));
typedef int32_t IntVector __attribute__((vector_size(kBytes)));
typedef uint32_t UintVector __attribute__((vector_size(kBytes)));
typedef uint16_t HalfVector __attribute__((vector_size(kBytes / 2)));

template <typename C>
struct VectorOf;
template <>
struct VectorOf<float> {
  using Type = FloatVector;
};
template <>
struct VectorOf<double> {
  using Type = DoubleVector;
};

template <typename C>
using Vector = typename VectorOf<C>::Type;

template <typename C>
constexpr int kWidth = kBytes / static_cast<int>(sizeof(C));

template <typename C>
inline Vector<C> all(C value) {
  return Vector<C>{} + value;
}

template <typename T, typename C = typename Computed<T>::Type>
inline Vector<C> load(const T* from) {
  Vector<C> result;
  __builtin_memcpy(&result, from, sizeof result);
  return result;
}

template <>
inline FloatVector load<Bf16, float>(const Bf16* from) {
  HalfVector half;
  __builtin_memcpy(&half, from, sizeof half);
  return (FloatVector)(__builtin_convertvector(half, UintVector) << 16);
}

template <typename C>
inline void store(C* to, Vector<C> value) {
  __builtin_memcpy(to, &value, sizeof value);
}

// To the nearest, ties to even; NaN stays NaN.
inline void store(Bf16* to, FloatVector value) {
  const UintVector bits = (UintVector)value;
  UintVector rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  const IntVector is_nan = value != value;
  rounded = ((UintVector)is_nan & 0x7fc0) | (~(UintVector)is_nan & rounded);
  const HalfVector half = __builtin_convertvector(rounded, HalfVector);
  __builtin_memcpy(to, &half, sizeof half);
}

// The first `count` elements, zeros behind them.
template <typename T, typename C = typename Computed<T>::Type>
inline Vector<C> load_part(const T* from, int64_t count) {
  if (count >= kWidth<C>) return load<T, C>(from);
  T padded[kWidth<C>] = {};
  for (int64_t k = 0; k < count; k++) padded[k] = from[k];
  return load<T, C>(padded);
}

template <typename T, typename C = typename Computed<T>::Type>
inline void store_part(T* to, Vector<C> value, int64_t count) {
  if (count >= kWidth<C>) return store(to, value);
  T padded[kWidth<C>];
  store(padded, value);
  for (int64_t k = 0; k < count; k++) to[k] = padded[k];
}

// `value` in the first `count` columns, 0 in the others.
template <typename C>
inline Vector<C> first_columns(C value, int64_t count) {
  Vector<C> result = {};
  for (int64_t k = 0; k < count; k++) result[k] = value;
  return result;
}

template <typename C>
inline C sum(Vector<C> value) {
  C total = 0;
  for (int k = 0; k < kWidth<C>; k++) total += value[k];
  return total;
}

inline float root(float value) { return __builtin_sqrtf(value); }
inline double root(double value) { return __builtin_sqrt(value); }

inline FloatVector where(IntVector condition, FloatVector yes, FloatVector no) {
  return (FloatVector)(((IntVector)yes & condition) | ((IntVector)no & ~condition));
}

// eˣ within two units of the last place: x = n·log 2 + r, and the Taylor series of eʳ for |r| ≤ log(2)/2 to the 7th power,
// whose next term is 5e-9. Below −87.3 it is 0, above 88.7 infinity; NaN stays NaN.
inline FloatVector exponential(FloatVector x) {
  const FloatVector clamped = where(x < -87.3f, all(-87.3f), where(x > 88.7f, all(88.7f), x));
  const FloatVector shift = all(12582912.0f);  // 1.5 · 2²³: adding it rounds to whole numbers
  const FloatVector whole = clamped * 1.44269504f + shift - shift;
  const FloatVector r = clamped - whole * 0.693359375f + whole * 2.12194440e-4f;
  FloatVector series = all(1.0f / 5040);
  series = series * r + 1.0f / 720;
  series = series * r + 1.0f / 120;
  series = series * r + 1.0f / 24;
  series = series * r + 1.0f / 6;
  series = series * r + 0.5f;
  series = series * r + 1.0f;
  series = series * r + 1.0f;
  const IntVector exponent = __builtin_convertvector(whole, IntVector);
  // In two steps, since 2ⁿ itself is out of range at the upper end.
  const FloatVector half = (FloatVector)(((exponent >> 1) + 127) << 23);
  const FloatVector rest = (FloatVector)(((exponent - (exponent >> 1)) + 127) << 23);
  FloatVector result = series * half * rest;
  result = where(x < -87.3f, all(0.0f), result);
  result = where(x > 88.7f, all(__builtin_inff()), result);
  return where(x != x, x, result);
}

inline DoubleVector exponential(DoubleVector x) {
  for (int k = 0; k < kWidth<double>; k++) x[k] = __builtin_exp(x[k]);
  return x;
}

// The Taylor series to the 13th power below 1/2, where its next term is 1e-7 of the value; 1 − 2/(e²ˣ + 1) above.
inline FloatVector hyperbolic_tangent(FloatVector x) {
  const FloatVector s = x * x;
  FloatVector series = all(21844.0f / 6081075);
  series = series * s - 1382.0f / 155925;
  series = series * s + 62.0f / 2835;
  series = series * s - 17.0f / 315;
  series = series * s + 2.0f / 15;
  series = series * s - 1.0f / 3;
  series = x + x * s * series;
  const FloatVector far = 1.0f - 2.0f / (exponential(2.0f * x) + 1.0f);
  return where(s < 0.25f, series, far);
}

inline DoubleVector hyperbolic_tangent(DoubleVector x) {
  for (int k = 0; k < kWidth<double>; k++) x[k] = __builtin_tanh(x[k]);
  return x;
}

// Φ(x) and φ(x) of the standard normal distribution, with one exponential. With t = 1/(1 + 0.35·z), z = |x|/√2, erfc(z)·e^(z²) is t times
// a polynomial in t; the coefficients are Chebyshev's fit on [0, 1], whose error is 2.5e-8.
inline void normal(FloatVector x, FloatVector& cumulative, FloatVector& density) {
  const FloatVector z = where(x < 0.0f, -x, x) * 0.70710678f;
  const FloatVector t = 1.0f / (1.0f + 0.35f * z);
  FloatVector fit = all(0.0425999185f);
  fit = fit * t - 0.1819379928f;
  fit = fit * t + 0.2362493005f;
  fit = fit * t - 0.1019731719f;
  fit = fit * t + 0.1500470598f;
  fit = fit * t + 0.1114031477f;
  fit = fit * t + 0.1634746399f;
  fit = fit * t + 0.1851993272f;
  fit = fit * t + 0.1974714562f;
  fit = fit * t + 0.1974663288f;
  const FloatVector bell = exponential(-0.5f * x * x);
  const FloatVector tail = 0.5f * t * fit * bell;
  cumulative = where(x < 0.0f, tail, 1.0f - tail);
  density = bell * 0.39894228f;
}

inline void normal(DoubleVector x, DoubleVector& cumulative, DoubleVector& density) {
  for (int k = 0; k < kWidth<double>; k++) {
    cumulative[k] = 0.5 * __builtin_erfc(-x[k] * 0.70710678118654752440);
    density[k] = __builtin_exp(-0.5 * x[k] * x[k]) * 0.39894228040143267794;
  }
}
