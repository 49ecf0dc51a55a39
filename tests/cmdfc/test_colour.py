import torch
from hypothesis import given
from hypothesis import strategies as st

from cmdfc.colour import luma, recombine

unit = st.floats(0, 1, width=32)


@given(blue=unit, green=unit, red=unit, fused=unit)
def test_recombined_colour_keeps_luma_gamut_and_hue(blue: float, green: float, red: float, fused: float) -> None:
    planes = (torch.tensor([blue]), torch.tensor([green]), torch.tensor([red]))
    y = luma(planes)
    target = torch.tensor([fused])
    out = recombine(target, planes, y)
    assert torch.allclose(luma(out), target, atol=1e-5)
    assert all(-1e-5 <= float(plane) <= 1 + 1e-5 for plane in out)
    chroma_in = torch.stack([p - y for p in planes])
    chroma_out = torch.stack([p - target for p in out])
    assert torch.linalg.norm(chroma_out) <= torch.linalg.norm(chroma_in) + 1e-5
    assert (chroma_in * chroma_out).sum() >= -1e-6


def test_an_unchanged_luma_gives_the_visible_back() -> None:
    planes = tuple(torch.rand(1, 1, 8, 8) for _ in range(3))
    y = luma((planes[0], planes[1], planes[2]))
    out = recombine(y, (planes[0], planes[1], planes[2]), y)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(out, planes, strict=True))
