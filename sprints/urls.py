"""Pages of the app."""

from django.urls import include, path

from sprints.views import availability, board, calendars, inspections, notes, sprints

app_name = "sprints"

_sprints = [
    path("", sprints.page, name="sprint-list"),
    path("active/", sprints.active, name="active"),
    path("debt-share/", sprints.debt_share, name="debt-share"),
    path("plan/<int:team_id>/", sprints.plan, name="sprint-plan"),
    path("<int:sprint_id>/", sprints.sprint, name="sprint"),
    path("<int:sprint_id>/edit/", sprints.edit, name="sprint-edit"),
    path("<int:sprint_id>/start/", sprints.start, name="sprint-start"),
    path("<int:sprint_id>/close/", sprints.close, name="sprint-close"),
    path("<int:sprint_id>/add/", sprints.add, name="sprint-add"),
    path("of-item/<int:number>/", sprints.of_item, name="of-item"),
    path("<int:sprint_id>/suggest/", sprints.suggest, name="sprint-suggest"),
    path("<int:sprint_id>/remove/", sprints.remove, name="sprint-remove"),
    path("<int:sprint_id>/recommended/", sprints.take_recommended, name="sprint-recommended"),
    path("<int:sprint_id>/goal/", sprints.choose_for_goal, name="sprint-goal"),
    path("<int:sprint_id>/absences/", availability.add_absence, name="absence-add"),
    path("<int:sprint_id>/absences/<int:absence_id>/remove/", availability.remove_absence, name="absence-remove"),
    path("<int:sprint_id>/move/", board.move, name="card-move"),
    path("<int:sprint_id>/columns/", board.arrange, name="columns"),
    path("<int:sprint_id>/charts/", board.charts, name="charts"),
    path("<int:sprint_id>/inspect/", inspections.inspect, name="inspect"),
    path("<int:sprint_id>/inspections/<int:inspection_id>/take/", inspections.take, name="correct"),
    path("<int:sprint_id>/inspections/<int:inspection_id>/judge/", inspections.judge, name="judge"),
    path("<int:sprint_id>/inspections/<int:inspection_id>/undo/", inspections.undo, name="correct-undo"),
    path("<int:sprint_id>/notes/", notes.write, name="note-write"),
    path("teams/<int:team_id>/metrics/", notes.metrics, name="metrics"),
    path("<int:sprint_id>/note/", inspections.publish, name="status-publish"),
    path("<int:sprint_id>/focus/", availability.set_focus, name="focus"),
]

urlpatterns = [
    path("profile/calendar/", calendars.page, name="calendar"),
    path("profile/calendar/withdraw/", calendars.withdraw, name="calendar-withdraw"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar-feed"),
    path("products/<product_key>/sprints/", include(_sprints)),
    path("products/<product_key>/status/", inspections.status, name="status"),
]
