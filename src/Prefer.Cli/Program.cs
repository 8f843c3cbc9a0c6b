Console.Error.WriteLine("prefer: no verbs yet");
return 2;
