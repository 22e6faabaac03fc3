from web.tests.browser.test_lead import *
from web.tests.browser.test_lead import leading, page, room, service
def test_shot(page, leading, room):
    paper = leading.run(leading.house.publish("zhou", [], title="练习卷"))
    def bring(session):
        (m,) = session.scalars(select(Material).where(Material.class_id == leading.class_id)); m.resource_id = paper
    leading.run(leading.house.ground.database.write(bring))
    page.reload()
    begin(page)
    room.ask("line", level="slides_and_sound")
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    page.screenshot(path="/tmp/users-fix/lead-pc.png")
    page.get_by_role("button", name="计时", exact=True).click()
    page.clock.install()
    page.get_by_role("button", name="1 分钟").click()
    until(page, lambda: room.happened("timer"))
    page.clock.fast_forward(61_000)
    page.wait_for_timeout(1200)
    page.screenshot(path="/tmp/users-fix/lead-timer-pc.png")
    page.set_viewport_size({"width":390,"height":844})
    page.screenshot(path="/tmp/users-fix/lead-ph.png")
