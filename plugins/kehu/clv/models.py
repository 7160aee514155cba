"""The candidate purchase models by name, in the order in which they are published."""

from __future__ import annotations

from kehu.clv.beta_geometric import BG_NBD, MBG_NBD
from kehu.clv.nbd import NBD
from kehu.clv.pareto_nbd import PARETO_NBD
from kehu.clv.purchase_model import PurchaseModel

MODELS: dict[str, PurchaseModel] = {model.name: model for model in (BG_NBD, MBG_NBD, PARETO_NBD, NBD)}
