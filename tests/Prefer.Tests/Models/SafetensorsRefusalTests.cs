using Prefer.Models;
using Prefer.Models.Files;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Files that are not what the format says: each refused by name, with what is wrong in it.</summary>
public sealed class SafetensorsRefusalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static readonly Dictionary<string, (byte[] Bytes, string Message)> Bad = new()
    {
        ["empty"] = ([], "0 bytes; a safetensors file has at least 8"),
        ["length cut off"] = ([1, 2, 3], "3 bytes; a safetensors file has at least 8"),
        ["header cut off"] = (RawSafetensors.OfLength(200, """{ "a": {""", 0), "says its header has 200 bytes, but 8 follow"),
        ["huge header"] = (RawSafetensors.OfLength(ulong.MaxValue, "{}", 0), "says its header has 18446744073709551615 bytes, but 2 follow and 100000000 are allowed"),
        ["header above the format's limit"] = (RawSafetensors.OfLength(100_000_001, "{}", 0), "says its header has 100000001 bytes"),
        ["no header"] = (RawSafetensors.Of("", 0), "the header is not the JSON that safetensors files have"),
        ["not JSON"] = (RawSafetensors.Of("PK\u0003\u0004 a zip file", 0), "the header is not the JSON that safetensors files have"),
        ["header is a list"] = (RawSafetensors.Of("[1]", 0), "the header is not the JSON that safetensors files have"),
        ["entry is a number"] = (RawSafetensors.Of("""{ "a": 5 }""", 0), "the header is not the JSON that safetensors files have"),
        ["no dtype"] = (RawSafetensors.Of("""{ "a": { "shape": [1], "data_offsets": [0, 4] } }""", 4), "the header is not the JSON that safetensors files have"),
        ["fractional shape"] = (With(4, RawSafetensors.Entry("a", "F32", "[0.5]", 0, 4)), "the header is not the JSON that safetensors files have"),
        ["three offsets"] = (RawSafetensors.Of("""{ "a": { "dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8] } }""", 4), "a has 3 data_offsets; two were expected"),
        ["data cut off"] = (With(7, RawSafetensors.Entry("a", "F32", "[2]", 0, 8)), "a lies at bytes 0 to 8 of 7"),
        ["data longer than described"] = (With(9, RawSafetensors.Entry("a", "F32", "[2]", 0, 8)), "the header describes 8 bytes of tensors, the file holds 9"),
        ["overlap"] = (With(12, RawSafetensors.Entry("a", "F32", "[2]", 0, 8), RawSafetensors.Entry("b", "F32", "[2]", 4, 12)), "b begins at byte 4 where 8 was expected: the tensors overlap"),
        ["same bytes twice"] = (With(8, RawSafetensors.Entry("a", "F32", "[2]", 0, 8), RawSafetensors.Entry("b", "F32", "[2]", 0, 8)), "the tensors overlap"),
        ["gap"] = (With(12, RawSafetensors.Entry("a", "F32", "[1]", 0, 4), RawSafetensors.Entry("b", "F32", "[1]", 8, 12)), "b begins at byte 8 where 4 was expected: the tensors leave a gap"),
        ["gap at the start"] = (With(8, RawSafetensors.Entry("a", "F32", "[1]", 4, 8)), "a begins at byte 4 where 0 was expected"),
        ["unknown type"] = (With(1, RawSafetensors.Entry("a", "F8_E4M3", "[1]", 0, 1)), "a has element type F8_E4M3; supported are F64, F32, F16, BF16"),
        ["bytes do not match the shape"] = (With(8, RawSafetensors.Entry("a", "F32", "[3]", 0, 8)), "a is F32 [3], 12 bytes, but 8 are given to it"),
        ["bytes do not match the type"] = (With(8, RawSafetensors.Entry("a", "F64", "[2]", 0, 8)), "a is F64 [2], 16 bytes, but 8 are given to it"),
        ["negative size"] = (With(8, RawSafetensors.Entry("a", "F32", "[-1, -2]", 0, 8)), "a has shape [-1, -2]"),
        ["size past 64 bits"] = (With(0, RawSafetensors.Entry("a", "F32", "[4611686018427387904, 4611686018427387904, 4]", 0, 0)), "a has shape [4611686018427387904"),
        ["offsets backwards"] = (With(8, RawSafetensors.Entry("a", "F32", "[2]", 8, 0)), "a lies at bytes 8 to 0 of 8"),
        ["negative offset"] = (With(8, RawSafetensors.Entry("a", "F32", "[2]", -8, 0)), "a lies at bytes -8 to 0 of 8"),
        ["name twice"] = (With(8, RawSafetensors.Entry("a", "F32", "[1]", 0, 4), RawSafetensors.Entry("a", "F32", "[1]", 4, 8)), "a stands twice in the header"),
    };

    public static TheoryData<string> Names() => [.. Bad.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_bad_file_is_refused(string name)
    {
        var path = folder.File("bad.safetensors");
        File.WriteAllBytes(path, Bad[name].Bytes);
        var error = Assert.Throws<ModelException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Bad[name].Message, error.Message, StringComparison.Ordinal);
        // The refused file is not held open.
        File.Delete(path);
    }

    [Fact]
    public void A_missing_file_is_refused()
    {
        var error = Assert.Throws<ModelException>(() => SafetensorsFile.Open(folder.File("none.safetensors")));
        Assert.Contains("none.safetensors: not found", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_single_cut_of_a_file_is_refused()
    {
        var whole = With(12, RawSafetensors.Entry("a", "F32", "[1]", 0, 4), RawSafetensors.Entry("b", "F32", "[2]", 4, 12));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.File("cut.safetensors");
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<ModelException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void Any_changed_byte_of_a_header_is_read_or_explained()
    {
        var whole = With(12, RawSafetensors.Entry("a", "F32", "[1]", 0, 4), RawSafetensors.Entry("b", "F32", "[2]", 4, 12));
        var random = new Random(4);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(damaged.Length - 12)] = (byte)random.Next(256);
            var path = folder.File("damaged.safetensors");
            File.WriteAllBytes(path, damaged);
            var error = Record.Exception(() => SafetensorsFile.Open(path).Dispose());
            Assert.True(error is null or ModelException, $"round {round}: {error}");
        }
    }

    private static byte[] With(int dataLength, params string[] entries) => RawSafetensors.Of($"{{{string.Join(',', entries)}}}", dataLength);
}
