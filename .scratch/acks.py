import cProfile, pstats, sys, os, time, tempfile, asyncio
from automation.app import logs
from automation.app.receiver_app import edge
from automation.app.settings import read_settings
from automation.store.database import Database
from automation.store.counters import Counters
from automation.rulebook.live import LiveRules, to_log
from datetime import datetime, UTC
from webhooks.bridge import Bridge
from benchmarks.load import Order, body
from webhooks.signatures import SCHEMES, sign
logs.set_up((), open(os.devnull,"w"))
os.environ.update(GITHUB_WEBHOOK_SECRET="secret", JIRA_WEBHOOK_SECRET="secret", HANDSHAKE_RULES="rules", HANDSHAKE_DATABASE_URL=f"sqlite:///{tempfile.mkdtemp(dir='.scratch')}/x.db")
import shutil
d=tempfile.mkdtemp(dir='.scratch'); shutil.copytree("rules", d+"/rules"); os.environ["HANDSHAKE_RULES"]=d+"/rules"
p=d+"/rules/handshake.yaml"; s=open(p).read(); print([l for l in s.splitlines() if 'repositor' in l])
import re
s=re.sub(r"repositories: \[.*?\]","repositories: [acme/shop]",s); open(p,"w").write(s)
settings=read_settings()
db=Database(settings.database_url); counters=Counters(db)
app=edge(settings, db, counters, LiveRules(settings.rules, settings.mode, to_log, lambda: datetime.now(UTC)))
bridge=Bridge(app)
class H(dict):
    pass
class Scope:
    method="POST"; path="/webhooks/github"; query_string=""; http_version="1.1"; scheme="http"; server="127.0.0.1:80"; client="127.0.0.1:99"
class Ex:
    def __init__(s,b,f): s.b=b; s.f=f
    async def __aiter__(s): yield s.b
    def response_bytes(s,status,h,b): s.f(status)
N=int(sys.argv[1])
order=Order(0,"secret",N,0)
reqs=[]
for n in range(N):
    b=body(order,n); sc=Scope(); sc.headers={"host":"127.0.0.1:1","user-agent":"GitHub-Hookshot/0","accept":"*/*","content-type":"application/json","x-github-event":"issues","x-github-delivery":f"72d3162e-cc78-11e3-81ab-{n:012d}","x-github-hook-id":"1","x-github-hook-installation-target-id":"1","x-github-hook-installation-target-type":"repository",SCHEMES["github"].header.lower():sign(SCHEMES["github"],"secret",b),"content-length":str(len(b))}
    reqs.append((sc,b))
got={}
def f(s): got[s]=got.get(s,0)+1
async def main():
    it=iter(reqs)
    async def w():
        for sc,b in it: await bridge.__rsgi__(sc,Ex(b,f))
    await asyncio.gather(*(w() for _ in range(16)))
pr=cProfile.Profile() if len(sys.argv)>2 else None
t=time.process_time(); w=time.perf_counter()
if pr: pr.enable()
asyncio.run(main())
if pr: pr.disable()
t=time.process_time()-t; w=time.perf_counter()-w
print(got, f"{t/N*1e3:.3f} ms cpu each, {N/w:.0f}/s")
if pr: pstats.Stats(pr).sort_stats("cumtime").print_stats(75)
os._exit(0)
