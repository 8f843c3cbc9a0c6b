using Prefer.Benchmarks;

return args switch
{
    ["tokenizer", var tokenizer, var texts, var passes] => TokenizerSpeed.Run(tokenizer, texts, int.Parse(passes, System.Globalization.CultureInfo.InvariantCulture)),
    ["template", var template, var passes] => TemplateSpeed.Run(template, int.Parse(passes, System.Globalization.CultureInfo.InvariantCulture)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: tokenizer TOKENIZER.json TEXTS.jsonl PASSES    texts per second, one JSON object a pass");
    Console.Error.WriteLine("       template TEMPLATE.jinja|chatml PASSES          conversations per second, 1000 a pass");
    return 2;
}
