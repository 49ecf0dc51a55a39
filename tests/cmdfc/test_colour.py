import torch
from hypothesis import given
from hypothesis import strategies as st

from cmdfc.colour import luma, recombine

unit = st.floats(0, 1, width=32)


@given(blue=unit, green=unit, red=unit, fused=unit)
def test_recombined_colour_keeps_luma_gamut_and_hue(blue: float, green: float, red: float, fused: float) -> None:
    picture = 255 * torch.tensor([[[[blue, green, red]]]])
    y, target = luma(picture) / 255, torch.tensor([[[fused]]])
    out = recombine(target, picture, y)
    assert torch.allclose(luma(out) / 255, target, atol=1e-4)
    assert out.min() >= -1e-2
    assert out.max() <= 255 + 1e-2
    chroma_in, chroma_out = picture - 255 * y.unsqueeze(-1), out - 255 * target.unsqueeze(-1)
    assert torch.linalg.norm(chroma_out) <= torch.linalg.norm(chroma_in) + 1e-2
    # Parallel: the colour vector is shortened, never bent.
    parallel = torch.linalg.norm(chroma_in) * torch.linalg.norm(chroma_out)
    assert torch.allclose((chroma_in * chroma_out).sum(), parallel, atol=0.05 + 1e-3 * float(parallel))


def test_an_unchanged_luma_gives_the_visible_back() -> None:
    picture = 255 * torch.rand(1, 8, 8, 3)
    y = luma(picture) / 255
    assert torch.allclose(recombine(y, picture, y), picture, atol=1e-2)
