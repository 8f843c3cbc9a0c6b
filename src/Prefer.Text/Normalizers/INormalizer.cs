namespace Prefer.Text.Normalizers;

/// <summary>Rewrites the text before it is cut into words.</summary>
internal interface INormalizer
{
    AlignedText Normalize(AlignedText text);
}
