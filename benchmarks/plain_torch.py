"""The presets' networks and training steps as one writes them in PyTorch: eager, channels last.

Nothing of colorlab is imported: where TensorFlow is loaded, PyTorch's optimizers may crash.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

PIX2PIX_FILTERS = (64, 128, 256, 512, 512, 512, 512, 512)


def instance_norm(channels: int) -> nn.Module:
    return nn.InstanceNorm2d(channels, affine=True)


def group_norm(channels: int) -> nn.Module:
    return nn.GroupNorm(max(1, channels // 16), channels)


class Convolve(nn.Sequential):
    """Convolution, and normalization unless `norm` is None; padded as Keras's "same"."""

    def __init__(self, before: int, after: int, size: int, stride: int = 1, norm: Any = group_norm):
        padding: Any = 1 if stride == 2 else "same"
        convolution = nn.Conv2d(before, after, size, stride, padding, bias=norm is None)
        super().__init__(convolution, *([norm(after)] if norm else []))


class Bottleneck(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.narrow = Convolve(width, width // 2, 1)
        self.middle = Convolve(width // 2, width // 2, 3)
        self.widen = Convolve(width // 2, width, 1)
        self.squeeze = nn.Conv2d(width, width // 8, 1)
        self.excite = nn.Conv2d(width // 8, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.widen(F.relu(self.middle(F.relu(self.narrow(x)))))
        weight = F.relu(self.squeeze(y.mean((2, 3), keepdim=True)))
        return F.relu(x + y * torch.sigmoid(self.excite(weight)))


class ResidualUNet(nn.Module):
    def __init__(self, filters: Sequence[int] = (32, 64, 128, 256), num_blocks: int = 16):
        super().__init__()
        befores = [1, *filters]
        self.downs = nn.ModuleList(
            Convolve(befores[i], width, 4, 2, group_norm if i else None)
            for i, width in enumerate(filters)
        )
        self.blocks = nn.Sequential(*(Bottleneck(filters[-1]) for _ in range(num_blocks)))
        self.narrows, self.merges = nn.ModuleList(), nn.ModuleList()
        before = filters[-1]
        for width in filters[-2::-1]:
            self.narrows.append(nn.Conv2d(before, width // 2, 1))
            self.merges.append(Convolve(width // 2 + width, width // 2, 3))
            before = width // 2
        self.chroma = nn.Conv2d(before, 2, 3, padding="same")

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.downs:
            x = F.leaky_relu(down(x), 0.2)
            skips.append(x)
        x = self.blocks(x)
        for narrow, merge, skip in zip(self.narrows, self.merges, skips[-2::-1], strict=True):
            larger = F.interpolate(narrow(x), scale_factor=2.0, mode="nearest")
            x = F.relu(merge(torch.cat([larger, skip], 1)))
        return torch.tanh(self.chroma(x))


class Pix2PixGenerator(nn.Module):
    def __init__(self, filters: Sequence[int] = PIX2PIX_FILTERS):
        super().__init__()
        befores = [1, *filters]
        self.downs = nn.ModuleList(
            Convolve(befores[i], width, 4, 2, instance_norm if 0 < i < len(filters) - 1 else None)
            for i, width in enumerate(filters)
        )
        self.ups = nn.ModuleList()
        before = filters[-1]
        for level, width in enumerate(filters[-2::-1]):
            up = nn.ConvTranspose2d(before, width, 4, 2, 1, bias=False)
            dropout = nn.Dropout(0.5 if level < 3 else 0.0)
            self.ups.append(nn.Sequential(up, instance_norm(width), dropout, nn.ReLU()))
            before = 2 * width
        self.chroma = nn.ConvTranspose2d(before, 2, 4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.downs:
            x = F.leaky_relu(down(x), 0.2)
            skips.append(x)
        for up, skip in zip(self.ups, skips[-2::-1], strict=True):
            x = torch.cat([up(x), skip], 1)
        return torch.tanh(self.chroma(x))


class PatchCritic(nn.Module):
    def __init__(self, filters: Sequence[int]):
        super().__init__()
        befores = [3, *filters]
        self.levels = nn.ModuleList(
            Convolve(befores[i], width, 4, 1 if i == len(filters) - 1 else 2,
                     instance_norm if i else None)
            for i, width in enumerate(filters)
        )  # fmt: skip
        self.score = nn.Conv2d(filters[-1], 1, 4, padding="same")

    def forward(self, gray: Tensor, chroma: Tensor) -> Tensor:
        x = torch.cat([gray, gray * chroma], 1)
        for level in self.levels:
            x = F.leaky_relu(level(x), 0.2)
        return self.score(x)


def networks(preset: str) -> tuple[nn.Module, nn.Module]:
    """The preset's generator and critic."""
    if preset == "pix2pix":
        return Pix2PixGenerator(), PatchCritic((64, 128, 256, 512))
    return ResidualUNet(), PatchCritic((32, 64, 128))


def encoded(rgb: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 3, H, W) in [0, 1] → value (N, 1, H, W), PolarChroma (N, 2, H, W)."""
    high, low = rgb.amax(1, keepdim=True), rgb.amin(1, keepdim=True)
    spread = (high - low).clamp_min(1e-6)
    r, g, b = ((high - rgb) / spread).split(1, 1)
    not_red = torch.where(rgb[:, 1:2] == high, 2 + r - b, 4 + g - r)
    sixths = torch.where(rgb[:, :1] == high, b - g, not_red)
    angle, s = sixths * (np.pi / 3), (high - low) / high.clamp_min(1e-6)
    return high, torch.cat([s * angle.cos(), s * angle.sin()], 1)


def content_loss(value: Tensor, chroma: Tensor, predicted: Tensor) -> Tensor:
    distance = ((predicted - chroma).square().sum(1) + 1e-6).sqrt()
    weight = value[:, 0].clamp_min(0.1) * (1 + 4 * chroma.square().sum(1).sqrt())
    return (weight * distance).mean()


class Step:
    """A training step of a preset: content alone, or with its critic."""

    def __init__(self, preset: str, weights: tuple[float, float], *, adversarial: bool):
        """Take the preset's name, and the weights of its content loss and its adversarial one."""
        self.weights, self.adversarial = weights, adversarial
        self.hinge = preset == "small"
        made = networks(preset)
        self.generator, self.critic = (m.to(memory_format=torch.channels_last) for m in made)
        self.averaged = copy.deepcopy(self.generator)
        betas = (0.5, 0.999) if adversarial else (0.9, 0.999)
        self.optimizers = [torch.optim.Adam(network.parameters(), 2e-4, betas) for network in made]

    def __call__(self, batch: np.ndarray[Any, Any]) -> float:
        """Learn from uint8 (N, H, W, 3) → the content loss."""
        rgb = torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255  # channels last already
        gray = rgb.amax(1, keepdim=True)
        predicted = self.generator(gray)
        value, chroma = encoded(F.avg_pool2d(rgb, rgb.shape[-1] // predicted.shape[-1]))
        if self.adversarial:
            real, fake = self.critic(value, chroma), self.critic(value, predicted.detach())
            errors = (1 - real, 1 + fake) if self.hinge else (-real, fake)
            punish = F.relu if self.hinge else F.softplus
            self._learn(1, sum(punish(error).mean() for error in errors))
        content = content_loss(value, chroma, predicted)
        loss = self.weights[0] * content
        if self.adversarial:
            score = -self.critic(value, predicted)
            loss = loss + self.weights[1] * (score if self.hinge else F.softplus(score)).mean()
        self._learn(0, loss)
        with torch.no_grad():
            mine, theirs = self.averaged.parameters(), self.generator.parameters()
            torch._foreach_lerp_(list(mine), list(theirs), 0.002)
        return float(content.detach())

    def _learn(self, which: int, loss: Tensor) -> None:
        self.optimizers[which].zero_grad()
        loss.backward()
        self.optimizers[which].step()
