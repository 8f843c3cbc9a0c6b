using System.Globalization;
using System.Text.Json.Nodes;
using Prefer.Benchmarks;
using Prefer.Benchmarks.Cases;
using Prefer.Benchmarks.Results;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text;

CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

try
{
    return args switch
    {
        ["tokenizer", var tokenizer, var texts, var passes] => TokenizerSpeed.Run(tokenizer, texts, int.Parse(passes, CultureInfo.InvariantCulture)),
        ["template", var template, var passes] => TemplateSpeed.Run(template, int.Parse(passes, CultureInfo.InvariantCulture)),
        ["kernels", .. var options] => Kernels.Run(options),
        ["curves", var output, .. var pairs] when pairs.Length > 0 => LossCurves.Run(output, pairs),
        ["prepare", var folder, var amount, var data, .. var tokenizers] when tokenizers.Length <= 2 => Prepare(folder, amount, data, tokenizers),
        ["cases", var amount, .. var words] => ListCases(amount, words),
        ["case", var name, var folder, var round] => RunCase(name, folder, round),
        ["report", var lines, var output, var run, .. var machine] when machine.Length <= 1 => Report(lines, output, run, machine.FirstOrDefault()),
        ["readme", var readme, var results] => WriteReadme(readme, results),
        _ => throw new UsageException("no such command, or other arguments than it takes"),
    };
}
catch (Exception error) when (error is UsageException or DataException or TokenizerException or ModelException or IOException)
{
    Console.Error.WriteLine($"Prefer.Benchmarks: {error.Message}");
    if (error is UsageException)
    {
        Usage();
    }
    return 2;
}

static int Prepare(string folder, string amount, string data, string[] tokenizers)
{
    Preparation.Make(folder, data, tokenizers.FirstOrDefault(), tokenizers.ElementAtOrDefault(1), Amount.Of(amount));
    return 0;
}

static int ListCases(string amount, string[] words)
{
    foreach (var item in AllCases.Choose(Amount.Of(amount), words))
    {
        Console.WriteLine(item.Name);
    }
    return 0;
}

static int RunCase(string name, string folder, string round)
{
    var found = AllCases.List.FirstOrDefault(item => item.Name == name) ?? throw new UsageException($"case {name}: no such case; the command cases lists them");
    Console.WriteLine(found.Run(Preparation.Open(folder), int.Parse(round, CultureInfo.InvariantCulture)));
    return 0;
}

static int Report(string lines, string output, string run, string? machine)
{
    var results = RunResults.Of(File.ReadLines(lines).Select(line => JsonNode.Parse(line)!.AsObject()), Machine.Describe(machine), JsonNode.Parse(run)!.AsObject());
    results.Save(output);
    Console.WriteLine(Path.Combine(output, $"{results.Name}.json"));
    return 0;
}

static int WriteReadme(string readme, string results)
{
    RunResults.Load(results).Save(Path.GetDirectoryName(results)!);
    ReadmeTable.Write(readme, results);
    return 0;
}

static void Usage()
{
    Console.Error.WriteLine("""
        bench/run calls these, a process a case:
          prepare FOLDER full|quick|tiny DATA [TOKENIZER [ENCODER_TOKENIZER]]   models with fresh weights and what the cases share
          cases full|quick|tiny [WORD ...]                                      names of cases, a line each
          case NAME FOLDER ROUND                                                one case, as a line of JSON
          report LINES.jsonl OUTPUT RUN_JSON [MACHINE]                          all lines as OUTPUT/MACHINE.json and .md
          readme README.md RESULTS.json                                         the table of README.md, and the .md beside the results
        and these stand alone:
          kernels [--filter *NAME*]                      parts of a network, by BenchmarkDotNet
          curves OUT.svg TITLE=FIRST,SECOND ...          the losses of pairs of runs, two files metrics.jsonl each, drawn
          tokenizer TOKENIZER.json TEXTS.jsonl PASSES    texts per second, one JSON object a pass
          template TEMPLATE.jinja|chatml PASSES          conversations per second, 1000 a pass
        """);
}
