"""Which names a spec may use: those that are safe and plain as Python attributes."""

import keyword
import re

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
LENGTH = 64  # no flag raises it: drawings and emitted lines are laid out for it
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}")

# The attributes of torch.nn.Module, whose names a submodule would hide; a test keeps
# this list equal to torch's own.
MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile
    cpu cuda double dump_patches eval extra_repr float forward get_buffer
    get_extra_state get_parameter get_submodule half ipu load_state_dict modules
    mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook
    register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_
    set_extra_state set_submodule share_memory state_dict to to_empty train training
    type xpu zero_grad
    """.split()
)
# Names the emitted file imports, and those it uses itself.
IMPORTED = frozenset({"Tensor", "NamedTuple", "OrderedDict"})
EMITTED = frozenset({"reset_parameters", "self", "nn", "torch", "Tensor", "super"})


def refusal(name: str, *, index: bool = False) -> str | None:
    """Why `name` cannot be used, or None. `index` allows `0`, `1`, …"""
    if len(name) > LENGTH:
        return f"names have at most {LENGTH} characters, and this has {len(name):,}"
    if index and _INDEX.fullmatch(name):
        return None
    if not _IDENTIFIER.fullmatch(name):
        wanted = "an ASCII identifier" + (" or a non-negative integer" if index else "")
        return f"a name here is {wanted}"
    if keyword.iskeyword(name):
        return "it is a Python keyword"
    if name.startswith("_"):
        return "names with a leading underscore are private to Python and PyTorch"
    if name in MODULE_ATTRIBUTES:
        return "it is an attribute of every torch.nn.Module"
    if name in EMITTED:
        return "the emitted module uses this name itself"
    return None


def class_name(name: str) -> str:
    """`resnet50` -> `Resnet50`, `residual_cnn` -> `ResidualCnn`: a class's name."""
    found = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
    usable = found.isidentifier() and not keyword.iskeyword(found)
    usable = usable and found not in IMPORTED
    return found if usable else f"Network{found}"
