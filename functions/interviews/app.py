"""Interviews: save, history, detail, transcript, delete; feedback on request."""

from greenroom.interviews import routes
from greenroom.interviews.schema import (
    FeedbackRequested,
    GenerateFeedback,
    InterviewPage,
    SaveInterview,
)
from greenroom.interviews.service import Sent
from greenroom.interviews.view import interview_detail, interview_saved, list_item, messages_page
from greenroom.sessions.domain import STATUSES
from greenroom.web.api import Answer, Api
from greenroom.web.call import Call, known_id
from greenroom.wiring import Wiring

wired = Wiring("interviews")
lambda_handler = api = Api("interviews", verify=wired.verify)


@api.route(routes.SAVE)
def save(call: Call) -> Answer:
    body = call.body(SaveInterview)
    sent = Sent(
        session_id=known_id(body.session_id),
        messages=body.transcript(),
        job_title=body.job_title,
        resume_data=body.resume_data,
        reported=body.reported(),
    )
    call.facts |= {"session_id": sent.session_id, "from_local_storage": body.from_local_storage}
    saved = wired.interviews.save(sent, user_id=call.user_id)
    return Answer(status=201 if saved.first else 200, body=interview_saved(saved))


@api.route(routes.HISTORY)
def history(call: Call) -> Answer:
    limit, cursor = call.page()
    found, next_cursor = wired.interviews.history(
        call.user_id, limit=limit, cursor=cursor, status=call.choice("status", STATUSES)
    )
    if not found:
        wired.accounts.refuse_deleted(call.user_id)
    items = [list_item(session) for session in found]
    return Answer(body=InterviewPage(items=items, next_cursor=next_cursor))


@api.route(routes.DETAIL)
def detail(call: Call) -> Answer:
    view = wired.interviews.detail(call.path_id("interviewId"), user_id=call.user_id)
    return Answer(body=interview_detail(view))


@api.route(routes.MESSAGES)
def messages(call: Call) -> Answer:
    limit, cursor = call.page()
    part, next_cursor = wired.interviews.messages(
        call.path_id("interviewId"),
        user_id=call.user_id,
        cursor=cursor,
        limit=limit if call.query("limit") else None,
    )
    return Answer(body=messages_page(part, next_cursor=next_cursor))


@api.route(routes.DELETE)
def delete(call: Call) -> Answer:
    wired.interviews.delete(call.path_id("interviewId"), user_id=call.user_id)
    return Answer(status=204)


@api.route(routes.GENERATE_FEEDBACK)
def generate_feedback(call: Call) -> Answer:
    session_id = known_id(call.body(GenerateFeedback).session_id)
    status = wired.interviews.request_feedback(session_id, user_id=call.user_id)
    return Answer(status=202, body=FeedbackRequested(feedback_status=status))
