import cProfile, pstats, sys, os, time, shutil, tempfile
from pathlib import Path
from sqlalchemy import Engine, event
from automation.app import logs
from automation.engine.worker import Worker
from automation.engine.credentials import Credentials
from automation.store.outbox import Outbox
from automation.store.rate_limiter import RateLimiters
from benchmarks import decide
logs.set_up((), open(os.devnull,"w"))
N=int(sys.argv[1]); url=sys.argv[2] if len(sys.argv)>2 and sys.argv[2]!="-" else f"sqlite:///{tempfile.mkdtemp(dir='.scratch')}/x.db"
top=len(sys.argv)>3
study=decide.Study(url, decide.RULES)
counts=[0]; stm={}
def c(conn,cur,s,p,ctx,many):
    counts[0]+=1; stm[s[:90].replace("\n"," ")]=stm.get(s[:90].replace("\n"," "),0)+1
event.listen(Engine,"after_cursor_execute",c)
for scene in decide.SCENES:
    payload=scene.do(study.tracker); study.put(payload,N)
    w=Worker(study.database,study.queue,Outbox(study.database,time.time),{"delivery":study._engine.deliver,"reconcile":study._engine.reconcile},study._effects,[],study._counters,Credentials({},RateLimiters(study.database,time.time,study._counters)))
    counts[0]=0; stm.clear()
    pr=cProfile.Profile(); t=time.process_time(); 
    if top: pr.enable()
    while w._decide_some(): pass
    pr.disable()
    t=time.process_time()-t
    print(f"{scene.name}: {t/N*1e3:.2f} ms per delivery, {counts[0]/N:.2f} statements")
    if top:
        for s,n in sorted(stm.items(),key=lambda x:-x[1])[:40]: print(f"   {n/N:.2f} {s}")
        pstats.Stats(pr).sort_stats("cumtime").print_stats(60)
study.database.close()
