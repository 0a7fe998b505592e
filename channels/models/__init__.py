from channels.models.interaction import Interaction
from channels.models.numbered_list import NumberedList

__all__ = ["Interaction", "NumberedList"]
