"""Train the adapter of the bundled model on the lessons, and write it as GGUF.

    python -m local_models.wording.train --out FILE.gguf [--lessons N] [--rank R] [--rate LR] [--seed N] [--threads N]

Needs torch, transformers, peft and gguf, which the desk does not: install them into an environment of their own. The
shipped GGUF is dequantised to train on, so that the adapter fits what the desk runs. On two cores a run of the usual
size takes about an hour, on a GPU minutes. The same seed, versions and machine give the same file.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_models.catalogue import BUNDLED, verify_model
from local_models.wording.lessons import prompt_of, sound_lessons
from local_models.wording.material import Material

PROJECTIONS = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
END = "<|im_end|>"


def main() -> None:
    given = _options()
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    verify_model(BUNDLED)
    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder, name = str(BUNDLED.file.parent), BUNDLED.file.name
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    base = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.bfloat16).to(device)
    config = LoraConfig(
        r=given.rank, lora_alpha=2 * given.rank, target_modules=[p.split(".")[1] for p in PROJECTIONS], lora_dropout=0.0
    )
    model = get_peft_model(base, config)
    lessons = sound_lessons(Material(), given.lessons, given.seed)
    rows = [_encoded(tokenizer, prompt_of(lesson.notes), lesson.sentence + END) for lesson in lessons]
    print(f"{len(rows)} lessons, {sum(len(ids) for ids, _ in rows)} tokens, on {device}", flush=True)
    _train(model, rows, given, device)
    write_adapter(model, given, Path(given.out))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True)
    parser.add_argument("--lessons", type=int, default=4000)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def _encoded(tokenizer: Any, prompt: str, answer: str) -> tuple[list[int], int]:
    """Token ids of prompt and answer, and where the answer begins."""
    asked = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    return [*asked, *tokenizer(answer, add_special_tokens=False)["input_ids"]], len(asked)


def _train(model: Any, rows: Sequence[tuple[list[int], int]], given: argparse.Namespace, device: str) -> None:
    """One pass over the lessons, those of like length together; the rate warms up and falls along a cosine."""
    import torch

    order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]))
    batches = [order[at : at + given.batch] for at in range(0, len(order), given.batch)]
    random.Random(given.seed).shuffle(batches)  # noqa: S311 - an order, no secret
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=given.rate, weight_decay=0.0)
    begun, recent = time.monotonic(), 0.0
    model.train()
    for step, batch in enumerate(batches):
        share = step / len(batches)
        rate = given.rate * min(1.0, (step + 1) / 30) * (0.05 + 0.95 * (1 + math.cos(math.pi * share)) / 2)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _loss(model, [rows[at] for at in batch], device)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        recent = 0.95 * recent + 0.05 * loss.item() if step else loss.item()
        if step % 25 == 0:
            print(f"{step}/{len(batches)} loss {recent:.3f} {time.monotonic() - begun:.0f} s", flush=True)
        if given.out and step and step % 200 == 0:
            write_adapter(model, given, Path(given.out).with_suffix(".part.gguf"))


def _loss(model: Any, rows: Sequence[tuple[list[int], int]], device: str) -> Any:
    """Mean loss over the tokens of the answers; no others are put through the vocabulary."""
    import torch

    width = max(len(tokens) for tokens, _ in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    mask, wanted = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for line, (tokens, asked) in enumerate(rows):
        ids[line, : len(tokens)] = torch.tensor(tokens)
        mask[line, : len(tokens)] = 1
        wanted[line, asked : len(tokens)] = True
    with torch.autocast(device, dtype=torch.bfloat16):
        inner = model.base_model.model
        states = inner.model(input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False)[0]
        scores = inner.lm_head(states[:, :-1][wanted[:, 1:].to(device)])
    return torch.nn.functional.cross_entropy(scores.float(), ids[wanted].to(device))


def write_adapter(model: Any, given: argparse.Namespace, out: Path) -> None:
    """Write the adapter's matrices as GGUF, half precision; queries and keys in llama.cpp's order of rotation."""
    import gguf
    import numpy as np

    config = model.config
    writer = gguf.GGUFWriter(str(out), "llama")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_string("general.name", "caseworth wording, English")
    writer.add_string("general.license", "Apache-2.0")
    writer.add_float32("adapter.lora.alpha", float(2 * given.rank))
    state = {name: value.detach().float().cpu().numpy() for name, value in model.named_parameters() if "lora_" in name}
    for layer in range(config.num_hidden_layers):
        for theirs, ours in PROJECTIONS.items():
            for side in "AB":
                name = f"base_model.model.model.layers.{layer}.{theirs}.lora_{side}.default.weight"
                matrix = state[name]
                if side == "B" and ours in {"attn_q", "attn_k"}:
                    heads = config.num_attention_heads if ours == "attn_q" else config.num_key_value_heads
                    matrix = _rotated(matrix, heads)
                data = np.ascontiguousarray(matrix.astype(np.float16))
                writer.add_tensor(f"blk.{layer}.{ours}.weight.lora_{side.lower()}", data)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"wrote {out}", file=sys.stderr)


def _rotated(matrix: Any, heads: int) -> Any:
    """Rows of a query or key projection from the halves of transformers to the pairs of llama.cpp."""
    rows, rank = matrix.shape
    return matrix.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2).reshape(rows, rank)


if __name__ == "__main__":
    main()
