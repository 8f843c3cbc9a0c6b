using System.Text;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>Files damaged at random (seeded): whatever the bytes, reading ends or stops with a <see cref="DataException"/> that says where.</summary>
public sealed class DamagedInputTests
{
    private static readonly string[] Rows =
    [
        """{"id":1,"subset":"s","prompt":[{"role":"user","content":"Qé\u00e9\ud83d\ude42"}],"chosen":"A \"q\" \\","rejected":[{"role":"assistant","content":"B"}],"margin":1.5e2,"weight":0.5,"x":[null,true,{"y":-1}]}""",
        """{"prompt":"\n\nHuman: Q\n\nAssistant:","a":" A","b":" B","y":0.25}""",
        """{"responses":["\n\nHuman: Q\n\nAssistant: A","\n\nHuman: Q\n\nAssistant: B"],"ranks":[1,2]}""",
        """{"chosen_ids":[1,2,3],"rejected_ids":[1,4],"chosen_token_type_ids":[0,0,1]}""",
    ];

    [Theory]
    [InlineData(OnBadRow.Stop)]
    [InlineData(OnBadRow.Skip)]
    public void Reading_ends_or_explains(OnBadRow onBadRow)
    {
        var random = new Random(20240611);
        string lines = string.Join('\n', Rows);
        byte[][] files = [Encoding.UTF8.GetBytes(lines), Encoding.UTF8.GetBytes($"[{string.Join(",\n", Rows)}]"), DataFolder.Gzip(Encoding.UTF8.GetBytes(lines))];
        int read = 0;
        int stopped = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] file = Damage(files[round % files.Length], random);
            try
            {
                foreach (Comparison comparison in DataFolder.Source(file, onBadRow).Comparisons())
                {
                    ComparisonWriter.ToJson(comparison);
                }

                read++;
            }
            catch (DataException stop)
            {
                Assert.Matches(@"^-(:\d+)?: found .*; expected .*; .*$", stop.Message.ReplaceLineEndings(" "));
                stopped++;
            }
        }

        // Both ends occur often, or the damage would be too heavy or too light to mean anything.
        Assert.InRange(read, 200, 2800);
        Assert.InRange(stopped, 200, 2800);
    }

    private static byte[] Damage(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        for (int change = random.Next(1, 4); change > 0 && bytes.Count > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, "{}[]\",:\\\n0-u "u8[random.Next(13)]);
                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(8), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.Slice(at, Math.Min(random.Next(40), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
