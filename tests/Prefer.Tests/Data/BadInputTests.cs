using System.Text;
using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

/// <summary>One case a thing that must be refused, by its whole message or the part that tells the case.</summary>
public sealed class BadInputTests
{
    private const string Good = """{"prompt":"Q","chosen":"A","rejected":"B"}""";

    private const string Skip = ", or leave such rows out with --on-bad-row skip";

    [Theory]
    [InlineData("""{"prompt":"Q","chosen":"A"}""", "found 'chosen' without 'rejected'; expected the fields prompt, chosen, rejected; add what is missing (a null counts as missing)")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":null}""", "found 'chosen' without 'rejected'; expected the fields prompt, chosen, rejected; add what is missing (a null counts as missing)")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B"}""", "found 'a', 'b' without 'y'; expected the fields prompt, a, b, y; add what is missing (a null counts as missing)")]
    [InlineData("""{"chosen_ids":[1]}""", "found 'chosen_ids' without 'rejected_ids'; expected the fields chosen_ids, rejected_ids; add what is missing (a null counts as missing)")]
    [InlineData("[1,2]", "found the number 1 as a row; expected an object with named fields; write each row as {\"prompt\": …, \"chosen\": …, \"rejected\": …}")]
    [InlineData("\"text\"", "found a string as a row; expected an object with named fields; write each row as {\"prompt\": …, \"chosen\": …, \"rejected\": …}")]
    [InlineData("""{"question":"Q","good":"A","bad":"B"}""", "found an unknown layout with the fields question, good, bad; expected one of the layouts [prompt, chosen, rejected] [chosen, rejected] [prompt, a, b, y] [prompt, responses, ranks] [prompt, responses, scores] [chosen_ids, rejected_ids]; rename the fields")]
    [InlineData("""{"prompt":"Q"}""", "found an unknown layout with the fields prompt; expected one of the layouts [prompt, chosen, rejected] [chosen, rejected] [prompt, a, b, y] [prompt, responses, ranks] [prompt, responses, scores] [chosen_ids, rejected_ids]; rename the fields")]
    [InlineData("{}", "found an object without fields; expected one of the layouts [prompt, chosen, rejected] [chosen, rejected] [prompt, a, b, y] [prompt, responses, ranks] [prompt, responses, scores] [chosen_ids, rejected_ids]; rename the fields")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","a":"A","b":"B","y":1}""", "found the fields of two layouts (chosen, rejected and a, b, y); expected those of one; remove or rename the fields that are not meant")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":1,"chosen":"A"}""", "found 'chosen' beside the fields of another layout; expected one layout; remove or rename the field")]
    [InlineData("""{"prompt":7,"chosen":"A","rejected":"B"}""", "found the number 7 in 'prompt'; expected a string or a list of messages; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":{"role":"assistant","content":"A"},"rejected":"B"}""", "found an object in 'chosen'; expected a string or a list of messages; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":["A"],"rejected":"B"}""", "found a string in 'chosen[0]'; expected a message {\"role\": …, \"content\": …}; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":[{"role":"assistant"}],"rejected":"B"}""", "found no 'content' in 'chosen[0]'; expected messages of role and content; add it")]
    [InlineData("""{"prompt":"Q","chosen":[{"role":"assistant","content":[{"type":"image"}]}],"rejected":"B"}""", "found a list in 'chosen[0].content'; expected a string; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":[{"role":"assistant","content":"","tool_calls":[1]}],"rejected":"B"}""", "found the field 'tool_calls' in 'chosen[0]'; expected messages of role and content only; remove the field, or write what it says into the content")]
    [InlineData("""{"chosen":"A","rejected":[{"role":"assistant","content":"B"}]}""", "found no prompt, and responses of which not all are strings and not all are message lists; expected responses of one form; write them all as strings or all as message lists, or add a prompt")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":1.01}""", "found the number 1.01 in 'y'; expected P(first is preferred), a number from 0 to 1; correct the field")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":-1}""", "found the number -1 in 'y'; expected P(first is preferred), a number from 0 to 1; correct the field")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":true}""", "found true in 'y'; expected P(first is preferred), a number from 0 to 1; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","weight":-0.5}""", "found the number -0.5 in 'weight'; expected a finite number, 0 or more; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","weight":"NaN"}""", "found a string in 'weight'; expected a finite number, 0 or more; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","weight":1e999}""", "found the number 1e999 in 'weight'; expected a finite number, 0 or more; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","weight":NaN}""", "found NaN, which is not JSON; expected finite numbers; write a number, or leave the field out")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","margin":-Infinity}""", "found Infinity, which is not JSON; expected finite numbers; write a number, or leave the field out")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","margin":"2"}""", "found a string in 'margin'; expected a finite number; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","subset":3}""", "found the number 3 in 'subset'; expected a string; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","id":["x"]}""", "found a list in 'id'; expected a string or a number; correct the field")]
    [InlineData("""{"prompt":"Q","chosen":"A\ud83d","rejected":"B"}""", "found half a character (a lone \\uD800–\\uDFFF escape); expected whole characters; write the text again from its source")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","x":{"\uDC00":1}}""", "found half a character (a lone \\uD800–\\uDFFF escape); expected whole characters; write the text again from its source")]
    [InlineData("""{"chosen_ids":[1,-2],"rejected_ids":[1]}""", "found the number -2 in 'chosen_ids[1]'; expected a token id, a whole number from 0; correct the field")]
    [InlineData("""{"chosen_ids":[1.5],"rejected_ids":[1]}""", "found the number 1.5 in 'chosen_ids[0]'; expected a token id, a whole number from 0; correct the field")]
    [InlineData("""{"chosen_ids":"1 2","rejected_ids":[1]}""", "found a string in 'chosen_ids'; expected a list of token ids; correct the field")]
    [InlineData("""{"chosen_ids":[1,2],"rejected_ids":[1],"chosen_token_type_ids":[0]}""", "found 2 ids in 'chosen_ids' and 1 in 'chosen_token_type_ids'; expected one for each id; make the lists equally long")]
    [InlineData("""{"chosen_ids":[1,0],"chosen_attention_mask":[1,0],"rejected_ids":[1,2]}""", "found padding (0 in 'chosen_attention_mask'); expected ids without padding; remove the padded ids and the mask")]
    public void A_bad_row_stops_with_its_line_and_reason(string row, string reason)
    {
        // Two good rows and an empty line in front: the bad one is on line 4.
        string text = row[0] == '[' ? $"\n\n\n{row}" : $"{Good}\n{Good}\r\n\n{row}\n";
        Assert.Equal($"-:4: {reason}{Skip}", Complaint(text));
    }

    [Theory]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":}""", "-:2: found broken JSON at byte 39 of the line ('}' is an invalid start of a value); expected one whole JSON object a row; repair the row")]
    [InlineData("""{"prompt":"Q","chosen":"A","rej""", "-:2: found broken JSON at byte 32 of the line (Expected end of string, but instead reached end of data); expected one whole JSON object a row; repair the row")]
    [InlineData("""{"prompt":"Q"} {"prompt":"R"}""", "-:2: found broken JSON at byte 16 of the line ")]
    [InlineData("""{"prompt":"Q","chosen":"A","chosen":"C","rejected":"B"}""", "-:2: found broken JSON at byte ")]
    public void Broken_json_on_a_line(string row, string message) => Assert.StartsWith(message, Complaint($"{Good}\n{row}"), StringComparison.Ordinal);

    [Fact]
    public void A_field_given_twice_is_named() =>
        Assert.Contains("chosen", Complaint("""{"prompt":"Q","chosen":"A","chosen":"C","rejected":"B"}""").Split(';')[0], StringComparison.Ordinal);

    [Fact]
    public void Broken_json_in_an_array_is_found_on_its_own_line_and_stops_skipping_too()
    {
        byte[] text = Encoding.UTF8.GetBytes($"[\n{Good},\n{{\"prompt\": \"Q\",\n \"chosen\": oops,\n \"rejected\": \"B\"}},\n{Good}]");
        const string message = "-:4: found broken JSON at byte 12 of the line ('o' is an invalid start of a value); expected one whole JSON object a row; repair the row (nothing after it can be read: where the next row of the array begins is unknown)";
        Assert.Equal(message, Complaint(text));
        Assert.Equal(message, Complaint(text, OnBadRow.Skip));
    }

    [Fact]
    public void Bytes_that_are_not_utf8()
    {
        byte[] text = [.. Encoding.UTF8.GetBytes(Good + "\n"), .. Encoding.Latin1.GetBytes("""{"prompt":"é","chosen":"A","rejected":"B"}""")];
        Assert.Equal($"-:2: found bytes that are not UTF-8 (0xE9 at byte 12 of the row); expected UTF-8 text; convert the file, for instance with 'iconv -f latin1 -t utf-8'{Skip}", Complaint(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\n")]
    [InlineData("\uFEFF")]
    public void An_empty_file(string text) =>
        Assert.Equal("-: found an empty file; expected at least one row; check that the file was written to its end", Complaint(text));

    [Fact]
    public void An_empty_file_inside_gzip() => Assert.StartsWith("-: found an empty file;", Complaint(Gzip([])), StringComparison.Ordinal);

    [Theory]
    [InlineData("[]", "-:1: found an empty array; expected at least one row; check that the file was written to its end")]
    [InlineData("[\n{\"prompt\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}\n", "-:3: found the end of the file inside an array; expected ']'; the file was cut short: fetch or write it again")]
    [InlineData("[{\"prompt\":\"Q\",\n\"chosen\":\"A", "-:2: found the end of the file inside an array; expected ']'; the file was cut short: fetch or write it again")]
    [InlineData("[{\"prompt\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}\n{}]", "-:2: found '{' after a row of the array; expected ',' or ']'; repair the file (for rows without commas, drop the brackets and write one row a line)")]
    [InlineData("[{\"prompt\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}]\n[", "-:2: found more after the array's end; expected the end of the file; put all rows into one array or write one row a line")]
    public void A_broken_array(string text, string message) => Assert.Equal(message, Complaint(text));

    [Fact]
    public void A_trailing_comma_in_an_array() => Assert.StartsWith("-:1: found broken JSON", Complaint($"[{Good},]"), StringComparison.Ordinal);

    [Fact]
    public void Gzip_cut_anywhere_is_noticed()
    {
        byte[] whole = Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(index => Good.Replace("Q", $"Q{index}", StringComparison.Ordinal) + "\n"))));
        Assert.Equal(200, Read(whole).Count);
        for (int length = 3; length < whole.Length; length++)
        {
            foreach (OnBadRow onBadRow in Enum.GetValues<OnBadRow>())
            {
                // A cut inside a row shows as the gzip's end, never as a broken row or a short file.
                Assert.Contains(": found a gzip stream that is cut short or damaged; expected a whole one; fetch or compress the file again ('gzip -t' checks it)", Complaint(whole[..length], onBadRow), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Damaged_gzip_is_noticed()
    {
        byte[] bytes = Gzip(Encoding.UTF8.GetBytes(Good));
        bytes[^6] ^= 1; // in the checksum
        Assert.Contains("cut short or damaged", Complaint(bytes), StringComparison.Ordinal);
    }
}
