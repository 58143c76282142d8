"""A list of products that a shop of the demo hands in: the worker tries it, two rows are wrong."""

from uuid import UUID

from journeys import facade as journeys

LIST = """货号,商品名称,英文标题,类目,品牌,产地,有机,单位,重量(克),价格,库存
SH-PEA-500,精选豌豆,Selected peas,大米杂粮,松江粮仓,梅河口,,袋,520,9.90,60
SH-OAT-500,裸燕麦米,Naked oat groats,大米杂粮,松江粮仓,梅河口,是,袋,520,12.80,45
SH-BUCK-500,荞麦米,Buckwheat groats,大米杂粮,,延吉,,袋,520,十一元,30
SH-RED-1000,红小豆,Adzuki beans,大米杂粮,松江粮仓,火星,,袋,1030,21.50,80
"""


def hand_in_list(merchant_id: UUID) -> None:
    """Once: a trial is queued, so that its page shows what would happen and what is wrong."""
    if journeys.product_imports(merchant_id=merchant_id).items:
        return
    info = journeys.upload_import(
        merchant_id=merchant_id, data=LIST.encode("gb18030"), filename="秋季新品.csv"
    )
    journeys.check_import(import_id=info.id, merchant_id=merchant_id)
