"""The pages of those who look after people, schools and the queue."""

from __future__ import annotations

from datetime import timedelta

from services.web import views as v
from tests.services.web.samples_ground import NOW, ago
from tests.services.web.samples_resources import ATTENDANCE, COURSEWARE, RESOURCE, lesson
from tongke.errors import NotFound, Text

ACCOUNTS = (
    v.AccountRow(7, "田小满", "tianxiaoman", ("school_admin", "teacher"), False, NOW, True),
    v.AccountRow(8, "向雨禾", "xiangyuhe", ("teacher",), False, ago(1)),
    v.AccountRow(9, "龙听泉", "longtingquan", ("staff",), False, None),
    v.AccountRow(10, "多媒体教室二", "classroom-2", ("classroom",), False, ago(3)),
    v.AccountRow(11, "吴守拙", "wushouzhuo", ("teacher",), True, ago(400)),
    v.AccountRow(12, "彭既白", "pengjibai", ("school_admin",), True, ago(40), may_enable=False),
)
PEOPLE = v.PeopleView(
    school="龙山县桐木溪中学",
    accounts=ACCOUNTS,
    total=6,
    roles=("teacher", "staff", "school_admin"),
    school_id=2,
    slip=v.Slip("龙听泉", "longtingquan", "K7QF-M2XD-9RTP", NOW + timedelta(days=3)),
    slip_url="https://tongke.example.cn/slip",
)
SCHOOLS = v.SchoolsView(
    title="湘西土家族苗族自治州",
    regions=(
        v.RegionGroup(
            "433130",
            "龙山县",
            "county",
            ("湖南省", "湘西州"),
            (
                v.SchoolRow(
                    1, "龙山县桐木溪中学", 43, 118, "/library?school=1", ("长沙市橘洲路中学",)
                ),
                v.SchoolRow(2, "龙山县白竹坪学校", 26, 31, "/library?school=2", ()),
            ),
        ),
        v.RegionGroup("433127", "永顺县", "county", ("湖南省", "湘西州"), ()),
    ),
    school_total=2,
)
SETTINGS = v.SettingsView(
    name="向雨禾",
    username="xiangyuhe",
    roles=("教师，龙山县桐木溪中学",),
    is_room=False,
    sessions=(
        v.SessionRow(1, "Chrome，Windows", "10.12.3.8", ago(1), True),
        v.SessionRow(2, "微信，Android", "183.214.20.7", ago(6)),
    ),
    tokens=(v.TokenRow(1, "录播机", "9f3c", ago(40), NOW + timedelta(days=325)),),
    secret="tk_4fJq2Zb8sQn7Lw0eYx5RcVd1",
)
REVIEW = v.ReviewView(
    submissions=(
        v.Submission(
            1, lesson(), "龙山县全县", "龙山县", ago(hours=2), ago(hours=2), RESOURCE.summary
        ),
        v.Submission(
            2,
            ATTENDANCE,
            "龙山县全县",
            "龙山县",
            ago(1),
            ago(1),
            form=v.Form(errors={"comment": Text("请写明要改什么", "Say what is to be changed")}),
        ),
        v.Submission(3, COURSEWARE, "龙山县全县", "龙山县", ago(3), ago(3)),
    ),
    total=3,
)
API = v.ApiDocsView(
    title="Tongke API",
    version="1",
    guide=(Text("每个回答都有 `X-Request-Id`。", "Each answer has an `X-Request-Id`."),),
    groups=(
        v.ApiGroup(
            "resources",
            Text("资源和审核", "Resources and their review"),
            (
                v.ApiOperation(
                    "GET",
                    "/api/v1/resources/{id}",
                    Text("一份资源", "One resource"),
                    fields=(v.ApiField("id", "path", (v.ApiWord("integer"),), True, "Which."),),
                    answers=(v.ApiAnswer("200", "Done", (v.ApiWord("Kind", "Kind"),)),),
                    refusals=("401", "404"),
                ),
            ),
        ),
    ),
    models=(v.ApiModel("Kind", "What it is.", values=("courseware",)), v.ApiModel("Problem", "")),
    problems=(v.ApiProblem("not-found", 404, NotFound.message, NotFound.remedy),),
)
