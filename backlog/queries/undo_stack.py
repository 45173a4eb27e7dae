"""Which of a person's moves undo and redo come next, by the log alone."""

from dataclasses import dataclass

from backlog.models import Move, OrderedList

# So far back does a person's memory of the order go.
DEPTH = 500


@dataclass(frozen=True)
class UndoStack:
    """Versions, the latest last. undoable: to take back; redoable: undos to take back."""

    undoable: list[int]
    redoable: list[int]


def of_person(ordered: OrderedList, user) -> UndoStack:
    moves = Move.objects.filter(list=ordered, by=user, kind__in=[Move.Kind.MOVE, Move.Kind.PERMUTE])
    latest = moves.order_by("-version").values_list("version", "undoes", "redoes")[:DEPTH]
    undoable, redoable = [], []
    for version, undoes, redoes in reversed(latest):
        if undoes in undoable:
            undoable.remove(undoes)
            redoable.append(version)
        elif redoes in redoable:
            redoable.remove(redoes)
            undoable.append(version)
        else:
            undoable.append(version)
            redoable.clear()
    return UndoStack(undoable, redoable)


def is_taken_back_by_another(move: Move) -> bool:
    later = Move.objects.filter(list=move.list_id, version__gt=move.version, undoes=move.version)
    return later.exclude(by=move.by_id).exists()
