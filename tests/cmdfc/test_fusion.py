import pytest
import torch

from cmdfc.blocks import CBAM, CMDFC
from cmdfc.fusion import FusionConfig, FusionNet
from irvis.errors import DataError

PAPER = FusionConfig(
    unshuffle=1, stem=16, stem_kernel=1, encoder=(16, 32, 64, 128), compensated=(1, 2, 3),
    decoder=(256, 128, 64, 32), head="draw",
)  # fmt: skip
NANO = FusionConfig(unshuffle=4, stem=16, encoder=(32,), strides=(2,), compensated=(1,), decoder=(32, 32))


def pictures(side: int = 32) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(2, 1, side, side), torch.rand(2, 1, side, side)


@pytest.mark.parametrize("config", [PAPER, NANO], ids=["paper", "nano"])
def test_fused_luma_has_the_inputs_shape_and_range(config: FusionConfig) -> None:
    fused = FusionNet(config).fuse(*pictures())
    assert fused.shape == (2, 1, 32, 32)
    assert fused.min() >= 0
    assert fused.max() <= 1


@pytest.mark.parametrize("config", [PAPER, NANO], ids=["paper", "nano"])
def test_every_weight_is_trained(config: FusionConfig) -> None:
    network = FusionNet(config)
    network.fuse(*pictures()).square().mean().backward()  # type: ignore[no-untyped-call]
    untouched = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert untouched == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("attention", [True, False], ids=["cbam", "bare"])
def test_compensation_does_not_collapse_the_streams(seed: int, attention: bool) -> None:
    torch.manual_seed(seed)
    vis, ir = torch.randn(2, 16, 24, 24), torch.randn(2, 16, 24, 24)
    vis_after, ir_after = CMDFC(16, attention)(vis, ir)
    assert (ir_after - vis_after).abs().mean() > 0.1 * (ir - vis).abs().mean()


def test_attention_keeps_shape_and_only_weakens() -> None:
    x = torch.randn(1, 16, 8, 8)
    attended = CBAM(16)(x)
    assert attended.shape == x.shape
    assert (attended.abs() <= x.abs()).all()


def test_the_papers_widths_have_the_published_size() -> None:
    # PIAFusion's body with separate encoders; the compensation adds six CBAMs.
    network = FusionNet(PAPER)
    body = sum(p.numel() for name, p in network.named_parameters() if not name.startswith("compensations"))
    assert body == 1_176_097


def test_a_checkpoint_builds_the_same_network() -> None:
    network = FusionNet(NANO).eval()
    again = FusionNet.of({"network": NANO.__dict__, "weights": network.state_dict()})
    assert torch.equal(again.fuse(*pictures()), network.fuse(*pictures()))


@pytest.mark.parametrize("change", [{"network": {"width": 3}}, {"weights": {}}])
def test_a_checkpoint_of_another_version_is_named(change: dict[str, object]) -> None:
    old = {"network": NANO.__dict__, "weights": FusionNet(NANO).state_dict(), "file": "old.pt"} | change
    with pytest.raises(DataError, match=r"old\.pt: .* another version of irvis"):
        FusionNet.of(old)
