"""The TinyViT written here beside timm's, on the same random weights."""

import re

import timm
import torch

from ocella.models.networks.tiny_vit import TinyVit, TinyVitSizes, sizes_of

_STAGE = re.compile(r"^stages\.(\d)\.downsample")


def published(name: str) -> str:
    """A name of timm's as the published weights have it: what makes a stage's resolution belongs to the one before."""
    name = _STAGE.sub(lambda m: f"layers.{int(m[1]) - 1}.downsample", name).replace("stages.", "layers.")
    name = name.replace("patch_embed.conv1.", "patch_embed.seq.0.").replace("patch_embed.conv2.", "patch_embed.seq.2.")
    return name.replace(".conv.", ".c.")


def test_features_are_timms() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    theirs = timm.create_model("tiny_vit_5m_224", pretrained=False, num_classes=0).eval()
    with torch.no_grad():
        for tensor in (*theirs.parameters(), *theirs.buffers()):
            if tensor.is_floating_point():
                tensor.add_(torch.rand_like(tensor) * 0.1)
    theirs.stages[3].downsample.conv2.conv.stride = (1, 1)  # as MobileSAM has it, for features as fine as SAM's
    ours = TinyVit(TinyVitSizes()).eval()
    named = {published(n): t for n, t in theirs.state_dict().items() if not n.startswith("head.")}
    missing, unexpected = ours.load_state_dict(named, strict=False)
    assert unexpected == []
    assert all(n.startswith("neck.") for n in missing)
    assert sizes_of(ours.state_dict(), "") == TinyVitSizes()
    for side in (224, 320):  # windows of 7 and 14 fit the first and not the second
        picture = torch.randn(1, 3, side, side)
        with torch.inference_mode():
            features = ours.patch_embed(picture)
            for stage in ours.layers:
                features = stage(features)
            expected = theirs.forward_features(picture)
        assert features.shape == expected.shape == (1, 320, side // 16, side // 16)
        torch.testing.assert_close(features, expected, atol=1e-4, rtol=1e-4)
        assert float(features.std()) > 0.01
